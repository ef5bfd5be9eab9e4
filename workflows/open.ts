// Opening a payment: the first with the booking, a further one when the one before it is dead.
import type { OpenPaymentInput } from '../activities/payment.ts';
import type { OpenResult, PayRequest } from './messages.ts';
import { placeOrder } from './fulfil.ts';
import type { Run } from './run.ts';
import { StepImpossible, attemptUntil } from './steps.ts';
import { looks, opening } from './verbs.ts';
import { show } from './view.ts';

/** Refused: the gateway or the supplier said no before any money could move. */
export async function open(run: Run): Promise<OpenResult['kind']> {
  const first = await openPayment(run, { attempt: run.attempt, first: true });
  const result = first === 'order_first' ? await openBehindOrder(run) : first;
  run.openResult = result;
  return result.kind;
}

async function openPayment(run: Run, asked: Omit<OpenPaymentInput, 'bookingId'>): Promise<OpenResult | 'order_first'> {
  const call = () => opening.openPayment({ bookingId: run.bookingId, ...asked });
  const opened = await attemptUntil(run, { name: 'open the payment', call, firstWaitMs: 30_000 });
  show(run, opened.now);
  if (opened.kind === 'order_first') return 'order_first';
  if (opened.kind === 'pays_later') {
    run.attempt = 0;
    return { kind: 'pays_later' };
  }
  if (opened.kind === 'opened') return { kind: 'opened', paymentId: opened.paymentId };
  return { kind: 'refused', code: opened.code, message: opened.message };
}

/** This product's supplier order is made before the customer can pay. */
async function openBehindOrder(run: Run): Promise<OpenResult> {
  const refusal = await refusedOrder(run);
  const opened = refusal === undefined ? await openPayment(run, { attempt: run.attempt }) : 'order_first';
  if (opened !== 'order_first') return opened;
  const code = refusal ?? 'not_available';
  const failed = { bookingId: run.bookingId, milestone: { as: 'failed', reason: code } } as const;
  const closing = { name: 'close the booking', call: () => looks.recordMilestone(failed) };
  show(run, (await attemptUntil(run, closing)).now);
  return { kind: 'refused', code, message: 'the supplier does not sell this any more' };
}

async function refusedOrder(run: Run): Promise<string | undefined> {
  try {
    const placed = await placeOrder(run, 0);
    if (placed.kind === 'placed') return undefined;
    return placed.kind === 'refused' ? placed.reason : 'not_available';
  } catch (error) {
    if (error instanceof StepImpossible) return 'not_available';
    throw error;
  }
}

/** Only once the gateway has let go of the one before: a booking never has two payments that can be paid. */
export async function openFurther(run: Run, { attempt, terms }: PayRequest): Promise<OpenResult> {
  const opened = await openPayment(run, { attempt, ...(terms && { terms }) });
  // The supplier's order stands since the first attempt.
  if (opened === 'order_first') throw new Error(`${run.bookingId} wants its order before attempt ${attempt}`);
  run.attempt = attempt;
  run.openResult = opened;
  return opened;
}
