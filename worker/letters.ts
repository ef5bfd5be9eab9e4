// Gathers what a letter says from the booking it is about, at the moment it is sent.
import { eventNamed, eventOfType } from '../db/bookings.ts';
import { latestDocuments } from '../db/notices.ts';
import type { DueNotice } from '../db/notices.ts';
import { loadBooking } from '../db/bookings.ts';
import type { StoredBooking } from '../db/bookings.ts';
import type { Database } from '../db/client.ts';
import type { Keyring } from '../db/keyring.ts';
import { readTravellers } from '../db/travellers.ts';
import type { MailMessage } from '../adapters/mail.ts';
import type { Stuck } from '../domain/attention-advice.ts';
import { holdsMoney, isMadeByHand, isServed, leadingPayment, paymentOf, totalMinor } from '../domain/booking.ts';
import type { Booking, Payment } from '../domain/booking.ts';
import { isPending } from '../domain/dispute.ts';
import { keyOf } from '../domain/events.ts';
import { refundReasonOf } from '../domain/refund-words.ts';
import type { SupplyContact } from '../domain/supply.ts';
import type { Brand } from '../domain/documents.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { letterFor } from '../domain/letters.ts';
import { money } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import type { NoticeFacts, NoticeKind } from '../domain/notices.ts';
import { mainPayment } from '../domain/payment-facts.ts';
import { orderIn, soldOf } from '../domain/product.ts';
import type { Travellers } from '../domain/product.ts';
import { termsOf } from '../domain/refund-terms.ts';
import { tripOf } from '../domain/trip.ts';

export interface LetterDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly brand: Brand;
  readonly staff: readonly string[];
  /** Where an operator sees a workflow, without the workflow's id. */
  readonly workflowsUrl: string;
}

/** Undefined when there is nobody left to write to: the person was erased. */
export async function writeLetter(deps: LetterDeps, notice: DueNotice): Promise<MailMessage | undefined> {
  const { bookingId } = notice;
  return bookingId === null ? houseLetter(deps, notice) : bookingLetter(deps, { ...notice, bookingId });
}

function houseLetter(deps: LetterDeps, { kind, version, detail }: DueNotice): MailMessage | undefined {
  if (deps.staff.length === 0) return undefined;
  const facts = { ...NOTHING_KNOWN, brand: deps.brand, amount: detail?.amount ?? null, reason: detail?.reason ?? null };
  return {
    to: deps.staff,
    letter: letterFor(kind, facts),
    messageId: `house.${kind}.${version}@holdfast`,
    attachments: [],
  };
}

const NOTHING_KNOWN = {
  bookingNumber: null,
  activity: null,
  goods: false,
  when: null,
  details: [],
  name: null,
  travellers: [],
  vouchers: 'none',
  charged: false,
  refund: null,
  byHand: false,
  stuck: null,
  dispute: null,
  terms: [],
  stillBooked: false,
  payBefore: null,
  links: { view: null, payAgain: null, documents: null, ops: null },
} as const satisfies Partial<NoticeFacts>;

type BookingNotice = DueNotice & { readonly bookingId: string };

async function bookingLetter(deps: LetterDeps, notice: BookingNotice): Promise<MailMessage | undefined> {
  const stored = await loadBooking(deps.db, notice.bookingId);
  const travellers = await readTravellers(deps.db, deps.keyring, notice.bookingId);
  if (!stored) return undefined;
  const to = notice.audience === 'staff' ? deps.staff : travellers?.contact.email;
  if (!to || to.length === 0) return undefined;
  return {
    to,
    letter: letterFor(notice.kind, await factsOf(deps, { stored, travellers, notice })),
    messageId: `${notice.bookingId}.${notice.kind}.${notice.version.replaceAll(/[^\w.-]/g, '-')}@holdfast`,
    attachments: await attached(deps, stored, notice),
  };
}

const OF_ONE_PAYMENT: readonly NoticeKind[] = ['duplicate_refunded', 'late_payment_refunded', 'mispaid_refunded'];
const WITH_PAPERS: readonly NoticeKind[] = ['booking_confirmed', 'voucher_ready', 'booking_refunded'];

/** Who paid beside or after the booking gets the receipt of that payment; a confirmation brings its own. */
async function attached(
  { db, keyring }: LetterDeps,
  { booking }: StoredBooking,
  { kind: letter, version }: BookingNotice,
): Promise<MailMessage['attachments']> {
  const returned = booking.refunds.find(({ id }) => id === version)?.paymentId;
  const payment = OF_ONE_PAYMENT.includes(letter) ? booking.payments.find(({ id }) => id === returned) : undefined;
  if (!payment && !WITH_PAPERS.includes(letter)) return [];
  const attempt = payment?.attempt ?? mainPayment(booking)?.attempt;
  // What is kept for a bank is for no customer's eyes.
  const isWanted = ({ kind, number }: { kind: string; number: number }): boolean =>
    kind === 'receipt' ? number === attempt : kind === 'voucher' && !payment;
  const rows = (await latestDocuments(db, booking.id)).filter(isWanted);
  return Promise.all(
    rows.map(async ({ id, kind, number, sealed }) => ({
      filename:
        kind === 'receipt' && !payment ? `receipt-${booking.number}.pdf` : `${kind}-${booking.number}-${number}.pdf`,
      contentType: 'application/pdf',
      content: await keyring.unseal(booking.id, sealed, `document/${id}`),
    })),
  );
}

interface Source {
  readonly stored: StoredBooking;
  readonly travellers: Travellers | undefined;
  readonly notice: BookingNotice;
}

async function factsOf(deps: LetterDeps, { stored, travellers, notice }: Source): Promise<NoticeFacts> {
  const { booking, product } = stored;
  const sold = soldOf(product);
  const stuck = await stuckIn(deps, notice);
  return {
    brand: deps.brand,
    bookingNumber: booking.number,
    activity: sold.name,
    goods: orderIn(product) !== undefined,
    when: sold.when,
    details: sold.details,
    name: travellers ? fullName(travellers.contact) : null,
    travellers: travellers?.passengers.map(fullName) ?? [],
    vouchers: vouchersOf(booking),
    amount: booking.charge,
    charged: tripOf(booking).takenMinor > 0,
    refund: await refundOf(deps, stored, { ...notice, version: stuck ? refundIn(stuck) : notice.version }),
    byHand: isByHand(booking, notice),
    terms: termsOf(product),
    stillBooked: isServed(booking.phase),
    reason: stuck ? `${stuck.step}: ${stuck.reason}` : reasonOf(stored, notice),
    stuck,
    dispute: disputeOf(booking, notice),
    payBefore: booking.phase === 'awaiting_payment' ? booking.expiresAt : null,
    links: {
      view: null,
      payAgain: null,
      documents: null,
      ops: notice.audience === 'staff' ? `${deps.workflowsUrl}/${workflowIdOf(booking.id)}` : null,
    },
  };
}

/** As it was when staff were called: another step may be in view by now. */
async function stuckIn({ db }: LetterDeps, { kind, bookingId, version }: BookingNotice): Promise<Stuck | null> {
  if (kind !== 'needs_attention') return null;
  const raised = await eventNamed(
    db,
    bookingId,
    keyOf({ type: 'attention.raised', id: version, step: '', reason: '' }),
  );
  return raised?.type === 'attention.raised' ? raised : null;
}

/** By the dispute that the letter is named after; as it stands now, which may be newer. */
function disputeOf(booking: Booking, { version }: DueNotice): NoticeFacts['dispute'] {
  const dispute = booking.disputes.find(({ ref }) => version.startsWith(`${ref}-`));
  if (!dispute) return null;
  const { standing, amount, reason, evidenceDueBy } = dispute;
  const { overReturnedMinor } = booking.sums;
  const overReturned = overReturnedMinor > 0 ? money(overReturnedMinor, booking.charge.currency) : null;
  return { standing, amount, reason, evidenceDueBy: isPending(dispute) ? evidenceDueBy : null, overReturned };
}

const fullName = ({ firstName, familyName }: Pick<SupplyContact, 'firstName' | 'familyName'>): string =>
  `${firstName} ${familyName}`.trim();

function vouchersOf({ vouchers }: Booking): NoticeFacts['vouchers'] {
  if (vouchers.length === 0) return 'none';
  return vouchers.some(({ status }) => status === 'pending') ? 'to_come' : 'ready';
}

/** One refund when the letter is about one, the agreed sum of a cancellation, else all that went back of this trip. */
async function refundOf({ db }: LetterDeps, { booking }: StoredBooking, notice: BookingNotice): Promise<Money | null> {
  if (notice.kind === 'booking_cancelled') return agreedRefund(db, booking.id);
  const single = booking.refunds.find((refund) => refund.id === notice.version);
  if (single) return single.amount;
  const returnedMinor = totalMinor(tripOf(booking).refunds.filter(({ status }) => holdsMoney(status)));
  return returnedMinor > 0 ? money(returnedMinor, booking.charge.currency) : null;
}

/** What was paid at the desk is paid out there, and what a gateway refused a person may have given back. */
function isByHand(booking: Booking, { version }: DueNotice): boolean {
  const told = booking.refunds.filter(({ id }) => id === version);
  const meant = (told.length > 0 ? told : tripOf(booking).refunds).filter(({ status }) => status !== 'failed');
  const isAtDesk = (payment: Payment | undefined): boolean => payment?.gateway === 'on_arrival';
  if (meant.length === 0) return isAtDesk(mainPayment(booking));
  return meant.every((refund) => isMadeByHand(refund) || isAtDesk(paymentOf(booking, refund.paymentId)));
}

/** The one that the step is about, where it is about one. */
const refundIn = ({ step }: Stuck): string => /^(?:await )?refund (\S+)$/.exec(step)?.[1] ?? '';

async function agreedRefund(db: Database, bookingId: string): Promise<Money | null> {
  const cancelled = await eventOfType(db, bookingId, 'booking.cancelled');
  return cancelled?.refund && cancelled.refund.minor > 0 ? cancelled.refund : null;
}

function reasonOf({ booking }: StoredBooking, { kind, version }: DueNotice): string | null {
  if (kind === 'payment_failed') return leadingPayment(booking)?.lastDecline?.message ?? null;
  // Whoever asked for a refund knows why; what we took back ourselves wants a word.
  if (kind === 'booking_refunded' && version.startsWith('all-')) return refundReasonOf('compensation');
  return null;
}
