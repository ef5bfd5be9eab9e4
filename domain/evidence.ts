// The paper that answers a bank: who booked what, on which terms, how it was paid, and what was delivered.
import type { Booking, Dispute, Payment, Refund } from './booking.ts';
import { currentSupplierOrder } from './booking.ts';
import { formatLocal, formatMoney, formatUtc, formatUtcDay } from './display.ts';
import type { DocumentContent, DocumentHead, DocumentTable } from './documents.ts';
import { factOf, formatMethod, headOf, sectionOf } from './document-content.ts';
import type { EventType } from './events.ts';
import type { Sold, Travellers } from './product.ts';
import { refundReasonOf } from './refund-words.ts';

export interface EvidenceFile extends Omit<DocumentHead, 'bookingNumber'> {
  readonly booking: Booking;
  readonly sold: Sold;
  /** Not known where another house keeps them. */
  readonly travellers: Travellers | undefined;
  /** ISO 8601 UTC, as all moments here. */
  readonly bookedAt: string;
  /** As the customer saw them before paying, a sentence each. */
  readonly terms: readonly string[];
  readonly letters: readonly { readonly kind: string; readonly at: string }[];
  readonly facts: readonly { readonly type: EventType; readonly at: string }[];
}

export function evidenceContent(file: EvidenceFile): DocumentContent {
  const { booking, sold, travellers } = file;
  return {
    ...headOf({ ...file, bookingNumber: booking.number }),
    kind: 'evidence',
    title: 'Evidence for a disputed payment',
    headline: sold.name,
    subheadline: sold.option,
    stamp: null,
    facts: [
      ...factOf('Customer', customerOf(travellers)),
      ...factOf('Booked', formatUtc(file.bookedAt)),
      ...factOf('Date of the service', sold.when && formatLocal(sold.when)),
      ...factOf('Price', formatMoney(booking.charge)),
      ...factOf('Confirmed', booking.confirmedAt && formatUtc(booking.confirmedAt)),
      ...factOf('Supplier reference', currentSupplierOrder(booking)?.orderNo ?? null),
      // Also here, where they stand on one line: a column of a table may break them.
      ...factOf('Payment at the gateway', namesOf(booking.payments.filter(isTaken).map(({ ref, id }) => ref ?? id))),
      ...factOf('Dispute at the gateway', namesOf(booking.disputes.map(({ ref }) => ref))),
    ],
    codes: [],
    tables: tablesOf(file).filter(({ rows }) => rows.length > 0),
    sections: [
      ...sectionOf('Cancellation terms shown before payment and in the confirmation', file.terms),
      ...sectionOf('How to read the vouchers', booking.vouchers.length > 0 ? [VOUCHERS] : []),
    ],
  };
}

const VOUCHERS =
  'A voucher that is "ready" was issued by the supplier for this booking and sent to the customer; one that is "void" was taken back.';

const namesOf = (names: readonly string[]): string => names.join('\n');

function customerOf(travellers: Travellers | undefined): string | null {
  if (!travellers) return null;
  const { firstName, familyName, email, mobile, country } = travellers.contact;
  return [`${firstName} ${familyName}`.trim(), email, mobile, country].filter(Boolean).join('\n');
}

function tablesOf({ booking, sold, travellers, letters, facts }: EvidenceFile): readonly DocumentTable[] {
  const email = travellers?.contact.email ?? 'the customer';
  return [
    table('Disputes', ['Dispute', 'Reason', 'Amount', 'State', 'Answer before'], booking.disputes.map(disputeRow)),
    table('Payments', ['Payment', 'Paid with', 'Amount', 'Paid'], booking.payments.filter(isTaken).map(paymentRow)),
    table(
      'What was bought',
      ['Description', 'Number'],
      sold.lines.map(({ name, count }) => [name, String(count)]),
    ),
    table(
      'Travellers',
      ['Name'],
      (travellers?.passengers ?? []).map(({ firstName, familyName }) => [`${firstName} ${familyName}`.trim()]),
    ),
    table('Vouchers', ['Voucher', 'Supplier reference', 'Codes', 'State'], booking.vouchers.map(voucherRow)),
    table('Refunds', ['Refund', 'Reason', 'Amount', 'Asked for'], booking.refunds.filter(hasLeft).map(refundRow)),
    table(
      'Letters to the customer',
      ['Letter', 'To', 'Sent'],
      letters.map(({ kind, at }) => [wordsOf(kind), email, formatUtc(at)]),
    ),
    table(
      'What happened',
      ['When', 'What'],
      facts.filter(({ type }) => isTelling(type)).map(({ type, at }) => [formatUtc(at), wordsOf(type)]),
    ),
  ];
}

const table = (title: string, labels: readonly string[], rows: DocumentTable['rows']): DocumentTable => ({
  title,
  columns: labels.map((label) => ({ label, align: 'start' })),
  rows,
  totals: [],
});

const disputeRow = ({ ref, reason, amount, wireStatus, evidenceDueBy }: Dispute): string[] => [
  ref,
  wordsOf(reason),
  formatMoney(amount),
  wordsOf(wireStatus),
  evidenceDueBy ? formatUtc(evidenceDueBy) : '',
];

const isTaken = ({ status }: Payment): boolean => status === 'succeeded';

const paymentRow = ({ id, ref, method, amount, capturedAt }: Payment): string[] => [
  ref ?? id,
  method ? formatMethod({ method: method.type, brand: method.brand, last4: method.last4 }) : '',
  formatMoney(amount),
  capturedAt ? formatUtc(capturedAt) : '',
];

const voucherRow = ({ number, bookingRef, codes, status }: Booking['vouchers'][number]): string[] => [
  String(number),
  bookingRef,
  codes.map(({ code }) => code).join(', '),
  status,
];

const hasLeft = ({ status }: Refund): boolean => status === 'succeeded' || status === 'pending';

const refundRow = ({ id, ref, cause, amount, requestedAt }: Refund): string[] => [
  ref ?? id,
  refundReasonOf(cause),
  formatMoney(amount),
  formatUtcDay(requestedAt),
];

/** What the house says to itself is no evidence. */
const isTelling = (type: EventType): boolean => !/^(attention|notice)\.|fee_known$|^dispute\.updated$/.test(type);

const wordsOf = (word: string): string => word.replaceAll(/[._]/g, ' ');
