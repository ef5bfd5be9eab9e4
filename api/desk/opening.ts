// Create and pay: one booking, one workflow and one answer per identity, however often and however concurrently it is asked for.
import { findByExternalId, findByScope, forgetAnswer, takeAttempt, takeIn } from '../../db/intake.ts';
import type { Claim, Intake, KnownRequest } from '../../db/intake.ts';
import { markWorkflowSeen } from '../../db/intake-work.ts';
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { paymentAccessOf } from '../../db/payment-secrets.ts';
import type { PaymentAccess } from '../../db/payment-secrets.ts';
import { isLive, statusOf } from '../../domain/booking.ts';
import type { Payment, Phase, Storefront } from '../../domain/booking.ts';
import type { OpenResult } from '../../workflows/messages.ts';
import { VisibleError } from '../errors.ts';
import { canonicalJson, hashOf } from '../http/canonical.ts';
import type { HeldKey } from '../idempotency.ts';
import type { JsonObject } from './answers.ts';
import { keepAnswer, recallAnswer } from './answers.ts';
import type { Desk } from './desk.ts';
import type { Reply } from './door.ts';
import { newBookingId, newBookingNumber } from './identifiers.ts';

export interface OpenRequest {
  /** Whose answers these are: the same booking reads differently on another wire. */
  readonly wire: string;
  readonly storefront: Storefront;
  readonly ownerSub: string;
  /** Of the request as it was understood, so that neither order nor unknown fields matter. */
  readonly bodyHash: string;
  readonly identity: Identity;
  readonly heldKey: HeldKey | undefined;
  /** Everything that must be asked and checked before anything is written; throws what is wrong. */
  prepare(): Promise<Prepared>;
  render(opened: OpenedBooking): JsonObject;
}

export type Identity =
  | { kind: 'external'; id: string }
  | { kind: 'supplier_order'; orderNo: string }
  /** The request itself, for as long as its booking can be paid. */
  | { kind: 'body' };

export type NewBooking = Omit<
  Intake['booking'],
  'id' | 'number' | 'storefront' | 'externalId' | 'ownerSub' | 'bodyHash' | 'product'
>;

export interface Prepared {
  readonly booking: NewBooking;
  readonly product: (number: string) => Intake['booking']['product'];
  /** Null: ours is the booking's number. */
  readonly externalId: string | null;
  readonly travellers: Intake['travellers'];
  /** A supplier's order that no other booking may hold. */
  readonly supplierOrderNo: string | null;
}

export interface OpenedBooking extends PaymentAccess {
  readonly stored: StoredBooking;
  readonly payment: Payment;
}

export type Opening = { kind: 'opened'; body: JsonObject } | { kind: 'slow'; stored: StoredBooking };

type Known = Pick<KnownRequest, 'bookingId' | 'sealedAnswer'>;

export async function openBooking(desk: Desk, request: OpenRequest): Promise<Opening> {
  const scope = scopeOf(request);
  const { known, replaces } = await findKnown(desk, request, scope);
  if (known) return answerFor(desk, request, { ...known, scope });
  const prepared = await prepareUnlessKnown(desk, request, scope);
  if ('bookingId' in prepared) return answerFor(desk, request, { ...prepared, scope });
  const taken = await write(desk, request, { prepared, scope, replaces });
  return answerFor(desk, request, { ...taken, scope });
}

/** The body counts as an identity only for whom it was sent by. */
function scopeOf({ wire, storefront, identity, ownerSub, bodyHash }: OpenRequest): string {
  switch (identity.kind) {
    case 'external':
      return scopeOfClaim([wire, storefront, 'external', identity.id]);
    case 'supplier_order':
      return scopeOfClaim([wire, storefront, 'order', identity.orderNo]);
    case 'body':
      return scopeOfClaim([wire, storefront, 'body', ownerSub, bodyHash]);
  }
}

const scopeOfClaim = (parts: readonly string[]): string => hashOf(canonicalJson(['identity', ...parts]));

export const supplierOrderScope = (orderNo: string): string => scopeOfClaim(['supplier', 'klook', orderNo]);

async function findKnown(
  desk: Desk,
  request: OpenRequest,
  scope: string,
): Promise<{ known?: Known; replaces?: string }> {
  const { heldKey, identity, storefront } = request;
  if (heldKey?.bookingId) return { known: { bookingId: heldKey.bookingId, sealedAnswer: null } };
  const byScope = await findByScope(desk.db, scope);
  if (byScope && identity.kind === 'body' && !isPayable(byScope.phase)) return { replaces: byScope.bookingId };
  const found =
    byScope ?? (identity.kind === 'external' ? await findByExternalId(desk.db, storefront, identity.id) : undefined);
  if (!found) return {};
  if (found.ownerSub !== request.ownerSub || found.bodyHash !== request.bodyHash) throw otherRequest();
  return { known: found };
}

const isPayable = (phase: Phase): boolean => phase === 'awaiting_payment' || phase === 'processing';

/** One text for every reason, so that nobody learns whose it is. */
const otherRequest = (): VisibleError =>
  new VisibleError('conflict', 'This reference belongs to another request already.', { code: 'reference_in_use' });

/** The stock may be gone because this very request, sent twice, has just taken it. */
async function prepareUnlessKnown(desk: Desk, request: OpenRequest, scope: string): Promise<Prepared | Known> {
  try {
    return await request.prepare();
  } catch (error) {
    const { known } = await findKnown(desk, request, scope);
    if (known) return known;
    throw error;
  }
}

const NUMBERS_TRIED = 3;

interface Writing {
  readonly prepared: Prepared;
  readonly scope: string;
  readonly replaces: string | undefined;
}

async function write(desk: Desk, request: OpenRequest, writing: Writing): Promise<Known> {
  for (let tried = 0; tried < NUMBERS_TRIED; tried++) {
    const intake = intakeOf(desk, request, writing);
    const taken = await takeIn(desk.db, desk.keyring, intake);
    if (taken.kind === 'taken_in') return { bookingId: intake.booking.id, sealedAnswer: null };
    const { known } = await findKnown(desk, request, writing.scope);
    if (known) return known;
    if (taken.kind === 'claimed_by_another' || writing.prepared.externalId !== null) throw otherRequest();
  }
  throw new Error('no free booking number was found');
}

function intakeOf(desk: Desk, request: OpenRequest, { prepared, scope, replaces }: Writing): Intake {
  const { storefront, ownerSub, bodyHash, heldKey } = request;
  const { supplierOrderNo, travellers } = prepared;
  const number = newBookingNumber();
  const adopted: Claim[] = supplierOrderNo === null ? [] : [{ scope: supplierOrderScope(supplierOrderNo), bodyHash }];
  return {
    booking: {
      ...prepared.booking,
      id: newBookingId(desk.clock()),
      number,
      storefront,
      externalId: prepared.externalId ?? number,
      ownerSub,
      bodyHash,
      product: prepared.product(number),
    },
    travellers,
    claims: [{ scope, bodyHash, replaces: replaces ?? null }, ...adopted],
    heldScope: heldKey?.scope ?? null,
  };
}

interface Answering extends Known {
  readonly scope: string;
}

async function answerFor(
  desk: Desk,
  request: OpenRequest,
  { bookingId, sealedAnswer, scope }: Answering,
): Promise<Opening> {
  const stored = await mustLoad(desk, bookingId);
  const attempt = await attemptOf(desk, stored, scope);
  if (sealedAnswer && attempt === stored.row.attempt)
    return { kind: 'opened', body: await recallAnswer(desk, bookingId, sealedAnswer) };
  const known = stored.booking.payments.find((p) => p.attempt === attempt && p.ref !== null);
  if (known) return rendered(desk, request, { stored, payment: known, scope });
  const reply = await askToOpen(desk, stored, attempt);
  if (reply.kind === 'slow') return { kind: 'slow', stored };
  const result = resultOf(reply, stored);
  const [fresh] = await Promise.all([mustLoad(desk, bookingId), markWorkflowSeen(desk.db, bookingId)]);
  const payment = fresh.booking.payments.find((p) => p.id === result.paymentId);
  if (!payment) throw new Error(`${result.paymentId} was opened but is not recorded`);
  return rendered(desk, request, { stored: fresh, payment, scope });
}

/** The live attempt's number, or the next when the last one is dead and the booking may still be paid. */
async function attemptOf(desk: Desk, { booking, row }: StoredBooking, scope: string): Promise<number> {
  const payment = booking.payments.find((p) => p.attempt === row.attempt);
  if (booking.phase !== 'awaiting_payment' || !payment || isLive(payment)) return row.attempt;
  const next = await takeAttempt(desk.db, row.id, row.attempt);
  await forgetAnswer(desk.db, scope);
  return next;
}

async function askToOpen(desk: Desk, { booking, row }: StoredBooking, attempt: number): Promise<Reply<OpenResult>> {
  // Nothing may start a workflow for a booking that is past being paid for.
  if (booking.phase !== 'awaiting_payment') return { kind: 'gone' };
  if (attempt > 1) return desk.door.pay(row.id, attempt);
  return desk.door.open({ bookingId: row.id, summary: `${row.number} · ${row.storefront}` });
}

const SOLD_ELSEWHERE = new Set(['sold_out', 'not_available', 'price_changed']);

function resultOf(
  reply: Exclude<Reply<OpenResult>, { kind: 'slow' }>,
  { booking }: StoredBooking,
): OpenResult & { kind: 'opened' } {
  if (reply.kind !== 'answered') {
    throw new VisibleError('conflict', `This booking can no longer be paid: it is ${statusOf(booking)}.`, {
      code: 'not_payable',
    });
  }
  if (reply.value.kind === 'opened') return reply.value;
  const { code, message } = reply.value;
  throw new VisibleError(SOLD_ELSEWHERE.has(code) ? 'conflict' : 'unacceptable', message, { code });
}

interface Rendering {
  readonly stored: StoredBooking;
  readonly payment: Payment;
  readonly scope: string;
}

/** Of several that open the same booking at once, the first to be done speaks for all. */
async function rendered(desk: Desk, request: OpenRequest, { stored, payment, scope }: Rendering): Promise<Opening> {
  const access = await paymentAccessOf(desk.db, desk.keyring, payment.id);
  const body = request.render({ stored, payment, ...access });
  return { kind: 'opened', body: await keepAnswer(desk, { bookingId: stored.row.id, scope, body }) };
}

async function mustLoad(desk: Desk, bookingId: string): Promise<StoredBooking> {
  const stored = await loadBooking(desk.db, bookingId);
  if (!stored) throw new Error(`no booking ${bookingId}`);
  return stored;
}
