// Decides what stands on a voucher and a receipt, and where a reader looks for it.
import { formatLocal, formatMoney, formatUtc, formatUtcDay } from './display.ts';
import type {
  DocumentContent,
  DocumentFact,
  DocumentHead,
  DocumentTable,
  PaidWith,
  ReceiptDocument,
  ReceiptRefund,
  TravelDocument,
  VoucherDocument,
  VoucherLine,
} from './documents.ts';
import type { Money } from './money.ts';

export function contentOf(document: TravelDocument): DocumentContent {
  return document.kind === 'voucher' ? voucherContent(document) : receiptContent(document);
}

function voucherContent(voucher: VoucherDocument): DocumentContent {
  const isVoid = voucher.status === 'void';
  return {
    ...headOf(voucher),
    kind: 'voucher',
    title: voucher.of > 1 ? `Voucher ${voucher.number} of ${voucher.of}` : 'Voucher',
    headline: voucher.activity,
    subheadline: voucher.package,
    stamp: isVoid ? 'VOID: this voucher is no longer valid' : null,
    facts: [
      ...factOf('Date and time', voucher.when && formatLocal(voucher.when)),
      ...factOf('Where', voucher.where),
      ...factOf('Lead traveller', voucher.leadTraveller),
      ...factOf('Supplier reference', voucher.supplierReference),
      ...factOf('Supplier voucher', isVoid ? null : voucher.supplierUrl),
    ],
    // A void voucher must not open a gate, so its codes are not printed again.
    codes: isVoid ? [] : voucher.codes.map(({ code, description }) => ({ text: code, caption: description })),
    tables: [ticketTable(voucher.lines), travellerTable(voucher.travellers)].filter((table) => table.rows.length > 0),
    sections: [
      ...sectionOf('How to use it', isVoid ? [] : [usageText(voucher.codes.length)]),
      ...sectionOf('Contact on the spot', voucher.operatorContacts),
      ...sectionOf('Cancellation', voucher.terms),
    ],
  };
}

function usageText(codes: number): string {
  if (codes === 0) return 'Show this page and the booking number on arrival.';
  const what = codes === 1 ? 'the code' : 'one code per ticket';
  return `Show ${what} on arrival, on your phone or on paper, together with a photo ID of the lead traveller.`;
}

function ticketTable(lines: readonly VoucherLine[]): DocumentTable {
  return {
    title: 'Tickets',
    columns: [
      { label: 'Ticket', align: 'start' },
      { label: 'Number', align: 'end' },
    ],
    rows: lines.map(({ description, count }) => [description, String(count)]),
    totals: [],
  };
}

function travellerTable(travellers: readonly string[]): DocumentTable {
  return {
    title: 'Travellers',
    columns: [{ label: 'Name', align: 'start' }],
    rows: travellers.map((name) => [name]),
    totals: [],
  };
}

function receiptContent(receipt: ReceiptDocument): DocumentContent {
  return {
    ...headOf(receipt),
    kind: 'receipt',
    title: 'Receipt',
    headline: receipt.activity,
    subheadline: receipt.when && formatLocal(receipt.when),
    stamp: null,
    facts: [
      ...factOf('Billed to', [receipt.customer?.name, receipt.customer?.email].filter(Boolean).join('\n')),
      ...factOf('From', receipt.brand.merchant),
      ...factOf('Paid', formatUtc(receipt.paidAt)),
      ...factOf('Paid with', receipt.paidWith && formatMethod(receipt.paidWith)),
      ...factOf('Payment reference', receipt.paymentReference),
    ],
    codes: [],
    tables: [amountTable(receipt), refundTable(receipt)].filter((table) => table.rows.length > 0),
    sections: [
      ...sectionOf('Cancellation', receipt.terms),
      ...sectionOf('Exchange rate', paragraphsOf(receipt.exchangeNote)),
    ],
  };
}

function amountTable({ lines, total }: ReceiptDocument): DocumentTable {
  return {
    title: 'What you paid for',
    columns: [
      { label: 'Description', align: 'start' },
      { label: 'Number', align: 'end' },
      { label: 'Amount', align: 'end' },
    ],
    rows: lines.map(({ description, count, amount }) => [description, String(count ?? ''), formatMoney(amount)]),
    totals: [{ label: 'Total paid', value: formatMoney(total), strong: true }],
  };
}

function refundTable({ refunds, total }: ReceiptDocument): DocumentTable {
  const returnedMinor = refunds.reduce((sum, refund) => sum + refund.amount.minor, 0);
  return {
    title: 'Refunds',
    columns: [
      { label: 'Refund', align: 'start' },
      { label: 'Date', align: 'start' },
      { label: 'Amount', align: 'end' },
    ],
    rows: refunds.map((refund) => [refundLabel(refund), formatUtcDay(refund.at), formatMoney(negated(refund.amount))]),
    totals: [
      {
        label: 'Balance after refunds',
        value: formatMoney({ ...total, minor: total.minor - returnedMinor }),
        strong: true,
      },
    ],
  };
}

const AS_YET: Readonly<Record<ReceiptRefund['status'], string>> = {
  pending: ' (on its way)',
  to_hand_out: ' (to be handed out at the desk)',
  succeeded: '',
};

const refundLabel = ({ reason, status }: ReceiptRefund): string => `${reason}${AS_YET[status]}`;

const negated = ({ minor, currency }: Money): Money => ({
  minor: minor === 0 ? 0 : -minor,
  currency,
});

export function headOf({ brand, bookingNumber, issuedAt }: DocumentHead) {
  const contacts = [brand.supportEmail, brand.supportPhone, brand.supportUrl].filter(Boolean).join(' · ');
  return {
    brand: brand.name,
    reference: { label: 'Booking', value: bookingNumber },
    footers: [`Questions? ${contacts}`, `Issued by ${brand.merchant}, ${formatUtc(issuedAt)}`],
    createdAt: issuedAt,
  };
}

export const factOf = (label: string, value: string | null): readonly DocumentFact[] =>
  value ? [{ label, value }] : [];

export function sectionOf(title: string, paragraphs: readonly string[]): DocumentContent['sections'] {
  return paragraphs.length > 0 ? [{ title, paragraphs }] : [];
}

const paragraphsOf = (text: string | null): readonly string[] =>
  (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length > 0);

export function formatMethod({ method, brand, last4 }: PaidWith): string {
  const name = capitalised(brand ?? method);
  return last4 ? `${name} ending in ${last4}` : name;
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ');
