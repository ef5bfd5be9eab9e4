// Create and pay: one booking, one workflow and one answer per identity, however often and however concurrently it is asked for.
import { isErased } from '../../db/erasures.ts';
import { takeAttempt, takeIn } from '../../db/intake.ts';
import type { Claim, Intake } from '../../db/intake.ts';
import { markWorkflowSeen } from '../../db/intake-work.ts';
import { loadBooking } from '../../db/bookings.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { paymentAccessOf } from '../../db/payment-secrets.ts';
import { isLive, statusOf } from '../../domain/booking.ts';
import { paysLater } from '../../domain/product.ts';
import type { Payment } from '../../domain/booking.ts';
import type { OpenResult } from '../../workflows/messages.ts';
import { erasedError, VisibleError } from '../errors.ts';
import { canonicalJson } from '../http/canonical.ts';
import { notAdoptable } from './adoption.ts';
import { keepAnswer, recallAnswer } from './answers.ts';
import type { Said } from './answers.ts';
import type { Desk } from './desk.ts';
import type { NewWorkflow, Reply } from './door.ts';
import { newBookingId, newBookingNumber } from './identifiers.ts';
import { findKnown, otherRequest, scopeOf, supplierOrderScope } from './known-request.ts';
import type { Known } from './known-request.ts';
import type { Opening, OpenRequest, Prepared } from './open-request.ts';

/** The same request twice in one process shares the work; between processes the database decides who is first. */
export function openBooking(desk: Desk, request: OpenRequest): Promise<Opening> {
  const { ownerSub, bodyHash, heldKey } = request;
  const scope = scopeOf(request);
  const same = canonicalJson([scope, ownerSub, bodyHash, heldKey?.scope]);
  const running = desk.opening.get(same);
  if (running) return running;
  const opening = open(desk, request, scope).finally(() => desk.opening.delete(same));
  desk.opening.set(same, opening);
  return opening;
}

async function open(desk: Desk, request: OpenRequest, scope: string): Promise<Opening> {
  const { known, replaces } = await findKnown(desk, request, scope);
  if (known) return answerFor(desk, request, { ...known, scope });
  const prepared = await prepareUnlessKnown(desk, request, scope);
  if ('bookingId' in prepared) return answerFor(desk, request, { ...prepared, scope });
  const taken = await write(desk, request, { prepared, scope, replaces });
  if ('bookingId' in taken) return answerFor(desk, request, { ...taken, scope });
  const { booking } = taken;
  return afterAsking(desk, request, {
    bookingId: booking.id,
    attempt: 1,
    instead: null,
    scope,
    reply: await desk.door.open(startOf(booking)),
  });
}

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

async function write(desk: Desk, request: OpenRequest, writing: Writing): Promise<Known | Intake> {
  for (let tried = 0; tried < NUMBERS_TRIED; tried++) {
    const intake = intakeOf(desk, request, writing);
    const taken = await takeIn(desk.db, desk.keyring, intake);
    if (taken.kind === 'taken_in') return intake;
    const { known } = await findKnown(desk, request, writing.scope);
    if (known) return known;
    if (taken.kind === 'claimed_by_another' && taken.scope !== writing.scope) throw notAdoptable();
    if (taken.kind === 'claimed_by_another' || writing.prepared.externalId !== null)
      throw otherRequest(request.identity);
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
  if (await isErased(desk.db, bookingId)) throw erasedError();
  const attempt = await attemptOf(desk, stored);
  const answer = sealedAnswer && (await recallAnswer(desk, bookingId, sealedAnswer));
  const later = paysLater(stored.product);
  if (answer && (later || answer.attempt === attempt)) return openingOf(answer.said);
  const payment = later ? undefined : stored.booking.payments.find((p) => p.attempt === attempt && p.ref !== null);
  const asking = { bookingId, attempt, instead: sealedAnswer, scope };
  if (payment) return rendered(desk, request, { ...asking, stored, payment });
  return afterAsking(desk, request, { ...asking, reply: await askToOpen(desk, stored, later ? 1 : attempt) });
}

interface Asked {
  readonly bookingId: string;
  readonly attempt: number;
  readonly scope: string;
  readonly instead: Buffer | null;
  readonly reply: Reply<OpenResult>;
}

async function afterAsking(desk: Desk, request: OpenRequest, { reply, ...asked }: Asked): Promise<Opening> {
  const { bookingId } = asked;
  if (reply.kind === 'slow') return { kind: 'slow', stored: await mustLoad(desk, bookingId) };
  const [stored] = await Promise.all([mustLoad(desk, bookingId), markWorkflowSeen(desk.db, bookingId)]);
  if (reply.kind !== 'answered') throw notPayable(stored);
  if (reply.value.kind === 'refused')
    return openingOf(await keepAnswer(desk, { ...asked, said: refusalOf(reply.value) }));
  if (reply.value.kind === 'pays_later') return unpaid(desk, request, { ...asked, stored });
  const { paymentId } = reply.value;
  const payment = stored.booking.payments.find(({ id }) => id === paymentId);
  if (!payment) throw new Error(`${paymentId} was opened but is not recorded`);
  return rendered(desk, request, { ...asked, stored, payment });
}

/** The live attempt's number, or the next when the last one is dead and the booking may still be paid. */
async function attemptOf(desk: Desk, { booking, row }: StoredBooking): Promise<number> {
  const payment = booking.payments.find((p) => p.attempt === row.attempt);
  if (booking.phase !== 'awaiting_payment' || !payment || isLive(payment)) return row.attempt;
  return takeAttempt(desk.db, row.id, row.attempt);
}

async function askToOpen(desk: Desk, { booking, row }: StoredBooking, attempt: number): Promise<Reply<OpenResult>> {
  // Nothing may start a workflow for a booking that is past being paid for.
  if (booking.phase !== 'awaiting_payment') return { kind: 'gone' };
  return attempt > 1 ? desk.door.pay(row.id, { attempt }) : desk.door.open(startOf(row));
}

const startOf = ({
  id,
  number,
  storefront,
}: Pick<StoredBooking['row'], 'id' | 'number' | 'storefront'>): NewWorkflow => ({
  bookingId: id,
  summary: `${number} · ${storefront}`,
});

export const notPayable = ({ booking }: StoredBooking): VisibleError =>
  new VisibleError('conflict', `This booking can no longer be paid: it is ${statusOf(booking)}.`, {
    code: 'not_payable',
  });

/** Nothing is wrong with what was asked for: things have changed meanwhile. */
const OVERTAKEN = new Set(['sold_out', 'not_available', 'price_changed', 'time_over']);

const refusalOf = ({
  code,
  message,
}: Extract<OpenResult, { kind: 'refused' }>): Extract<Said, { kind: 'refused' }> => ({
  kind: 'refused',
  as: OVERTAKEN.has(code) ? 'conflict' : 'unacceptable',
  code,
  message,
});

export const asRefusal = (refused: Extract<OpenResult, { kind: 'refused' }>): VisibleError => {
  const { kind: _, as, code, message } = refusalOf(refused);
  return new VisibleError(as, message, { code });
};

function openingOf(said: Said): Opening {
  if (said.kind === 'opened') return said;
  throw new VisibleError(said.as, said.message, { code: said.code });
}

interface Rendering extends Omit<Asked, 'reply'> {
  readonly stored: StoredBooking;
  readonly payment: Payment;
}

async function unpaid(
  desk: Desk,
  request: OpenRequest,
  { stored, ...place }: Omit<Rendering, 'payment'>,
): Promise<Opening> {
  if (!request.renderUnpaid) throw new Error(`${request.wire} has no answer for a booking that is paid later`);
  const body = { ...request.renderUnpaid(stored) };
  return openingOf(await keepAnswer(desk, { ...place, said: { kind: 'opened', body } }));
}

async function rendered(desk: Desk, request: OpenRequest, { stored, payment, ...place }: Rendering): Promise<Opening> {
  const access = await paymentAccessOf(desk.db, desk.keyring, payment.id);
  const body = request.render({ stored, payment, ...access });
  return openingOf(await keepAnswer(desk, { ...place, said: { kind: 'opened', body: { ...body } } }));
}

async function mustLoad(desk: Desk, bookingId: string): Promise<StoredBooking> {
  const stored = await loadBooking(desk.db, bookingId);
  if (!stored) throw new Error(`no booking ${bookingId}`);
  return stored;
}
