// Gathers what a letter says from the booking it is about, at the moment it is sent.
import { eventNamed, eventOfType } from '../db/bookings.ts';
import type { DueNotice } from '../db/notices.ts';
import { loadBooking } from '../db/bookings.ts';
import type { StoredBooking } from '../db/bookings.ts';
import type { Database } from '../db/client.ts';
import type { Keyring } from '../db/keyring.ts';
import { readTravellers } from '../db/travellers.ts';
import type { MailMessage } from '../adapters/mail.ts';
import type { Stuck } from '../domain/attention-advice.ts';
import {
  awaitsVouchers,
  holdsMoney,
  isMadeByHand,
  isServed,
  leadingPayment,
  paymentOf,
  totalMinor,
} from '../domain/booking.ts';
import type { Booking, Payment, Refund } from '../domain/booking.ts';
import { isPending } from '../domain/dispute.ts';
import { keyOf } from '../domain/events.ts';
import { refundReasonOf } from '../domain/refund-words.ts';
import type { SupplyContact } from '../domain/supply.ts';
import type { Brand } from '../domain/documents.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { letterFor } from '../domain/letters.ts';
import { money } from '../domain/money.ts';
import type { Money } from '../domain/money.ts';
import type { NoticeFacts } from '../domain/notices.ts';
import { isOvertaken } from '../domain/overtaken.ts';
import { mainPayment } from '../domain/payment-facts.ts';
import { orderIn, soldOf } from '../domain/product.ts';
import type { Travellers } from '../domain/product.ts';
import { termsOf } from '../domain/refund-terms.ts';
import { strayTaken, tripOf, tripTaken } from '../domain/trip.ts';
import { attachedTo, bringsVouchers } from './enclosures.ts';

export interface LetterDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly brand: Brand;
  readonly staff: readonly string[];
  /** Where an operator sees a workflow, without the workflow's id. */
  readonly workflowsUrl: string;
}

/** Never to be sent, or to be written again a little later. */
export type Unwritten = { kind: 'refused'; reason: string } | { kind: 'too_early' };

/** Nobody is left to write to when the person was erased. */
const NOBODY = { kind: 'refused', reason: 'nobody to write to' } as const;
const OVERTAKEN = { kind: 'refused', reason: 'overtaken: another letter says how it stands now' } as const;

export async function writeLetter(deps: LetterDeps, notice: DueNotice): Promise<MailMessage | Unwritten> {
  const { bookingId } = notice;
  return bookingId === null ? houseLetter(deps, notice) : bookingLetter(deps, { ...notice, bookingId });
}

function houseLetter(deps: LetterDeps, { kind, version, detail }: DueNotice): MailMessage | Unwritten {
  if (deps.staff.length === 0) return NOBODY;
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
  paidAfter: false,
  stray: false,
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

async function bookingLetter(deps: LetterDeps, notice: BookingNotice): Promise<MailMessage | Unwritten> {
  const stored = await loadBooking(deps.db, notice.bookingId);
  const travellers = await readTravellers(deps.db, deps.keyring, notice.bookingId);
  if (!stored) return NOBODY;
  const to = notice.audience === 'staff' ? deps.staff : travellers?.contact.email;
  if (!to || to.length === 0) return NOBODY;
  if (isOvertaken(notice.kind, notice.version, stored.booking)) return OVERTAKEN;
  const attachments = await attachedTo(deps, stored, notice);
  if (!attachments) return { kind: 'too_early' };
  return {
    to,
    letter: letterFor(notice.kind, await factsOf(deps, { stored, travellers, notice, attachments })),
    messageId: `${notice.bookingId}.${notice.kind}.${notice.version.replaceAll(/[^\w.-]/g, '-')}@holdfast`,
    attachments,
  };
}

interface Source {
  readonly stored: StoredBooking;
  readonly travellers: Travellers | undefined;
  readonly notice: BookingNotice;
  readonly attachments: MailMessage['attachments'];
}

async function factsOf(deps: LetterDeps, { stored, travellers, notice, attachments }: Source): Promise<NoticeFacts> {
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
    vouchers: vouchersOf(booking, notice, attachments),
    amount: booking.charge,
    charged: tripOf(booking).takenMinor > 0,
    paidAfter: await isPaidAfter(deps.db, booking, notice),
    stray: strayTaken(booking),
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

function vouchersOf(
  booking: Booking,
  { kind }: DueNotice,
  attachments: Source['attachments'],
): NoticeFacts['vouchers'] {
  if (awaitsVouchers(booking)) return 'to_come';
  // Issued since its papers were drawn, and not drawn yet for as long as it could wait: they get a letter of their own.
  if (kind === 'booking_confirmed' && booking.vouchers.length > 0 && !bringsVouchers(attachments)) return 'to_come';
  return booking.vouchers.length > 0 ? 'ready' : 'none';
}

/** One refund when the letter is about one, the agreed sum of a cancellation, else all that went back of this trip. */
async function refundOf({ db }: LetterDeps, { booking }: StoredBooking, notice: BookingNotice): Promise<Money | null> {
  const { kind, version } = notice;
  if (kind === 'booking_cancelled') return agreedRefund(db, booking.id);
  const isMeant = ({ id, paymentId, cause }: Refund): boolean =>
    kind === 'late_payment' ? paymentId === version && cause === 'late' : id === version;
  const single = booking.refunds.find(isMeant);
  if (single) return single.amount;
  const returnedMinor = totalMinor(tripOf(booking).refunds.filter(({ status }) => holdsMoney(status)));
  return returnedMinor > 0 ? money(returnedMinor, booking.charge.currency) : null;
}

/** What was paid at the desk is paid out there, and what a gateway refused a person may have given back. */
function isByHand(booking: Booking, { kind, version }: DueNotice): boolean {
  const told = booking.refunds.filter(({ id }) => id === version);
  const ofTrip = tripOf(booking).refunds;
  // What staff gave back before is no part of what a cancellation promises.
  const others = kind === 'booking_cancelled' ? ofTrip.filter(({ cause }) => cause === 'cancellation') : ofTrip;
  const meant = (told.length > 0 ? told : others).filter(({ status }) => status !== 'failed');
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

/** No terms are agreed on while nothing is paid. */
async function isPaidAfter(db: Database, booking: Booking, { kind }: DueNotice): Promise<boolean> {
  if (kind !== 'booking_cancelled' || !tripTaken(booking)) return false;
  return (await eventOfType(db, booking.id, 'booking.cancelled'))?.refund === undefined;
}

function reasonOf({ booking }: StoredBooking, { kind, version }: DueNotice): string | null {
  if (kind === 'payment_failed') return leadingPayment(booking)?.lastDecline?.message ?? null;
  // Whoever asked for a refund knows why; what we took back ourselves wants a word.
  if (kind === 'booking_refunded' && version.startsWith('all-')) return refundReasonOf('compensation');
  return null;
}
