// What becomes of a purchase: its status and history, the money that comes, and what time does to it.
import { announce } from './events.ts';
import { feeFor, methods } from './methods.ts';
import { newId, unixNow } from './objects.ts';
import type { Attempt, Failure, Payment, PaymentDetails, Purchase, RefundAvailability, Status } from './objects.ts';
import { hasWord } from './sentinels.ts';
import type { Channel, World } from './state.ts';

/** Still to be paid; one that is overdue can be paid all the same. */
export const PAYABLE: ReadonlySet<Status> = new Set(['created', 'viewed', 'error', 'overdue']);
export const TAKEN: ReadonlySet<Status> = new Set(['paid', 'refunded']);

type Change = Partial<Purchase> & { status: Status; related?: { type: string; id: string } };

export function move(world: World, purchase: Purchase, { status, related, ...change }: Change): Purchase {
  const entry = { status, timestamp: unixNow(), ...(related && { related_object: related }) };
  return world.purchases.put({
    ...purchase,
    ...change,
    status,
    updated_on: unixNow(),
    status_history: [...purchase.status_history, entry],
  });
}

type Tried = Pick<Attempt, 'type' | 'payment_method'> & {
  fee?: number;
  extra?: Record<string, unknown>;
  error?: Failure;
};

/** Newest first, as CHIP lists them. */
export function withAttempt(purchase: Purchase, tried: Tried): Purchase {
  const { type, payment_method, fee = 0, extra = {}, error = null } = tried;
  const attempt: Attempt = {
    type,
    successful: error === null,
    payment_method,
    country: 'MY',
    client_ip: '127.0.0.1',
    fee_amount: fee,
    processing_time: unixNow(),
    extra,
    error,
  };
  const data = purchase.transaction_data;
  return { ...purchase, transaction_data: { ...data, attempts: [attempt, ...data.attempts] } };
}

export type Means = { method: string; extra?: Record<string, unknown> };

export type Settling = Means & {
  /** As it came, where that is not what was asked. */
  paid?: { amount: number; currency: string } | undefined;
  channels?: readonly Channel[];
};

/** The payer's money is there: taken, or held for whoever asked for a hold. */
export function settle(world: World, purchase: Purchase, means: Settling): Purchase {
  const { method, extra = {}, paid, channels } = means;
  const total = paid?.amount ?? purchase.purchase.total;
  const type = purchase.skip_capture ? 'authorize' : 'execute';
  const fee = purchase.skip_capture ? 0 : feeOf(method, total);
  const tried = withAttempt(purchase, { type, payment_method: method, fee, extra });
  const data = { ...tried.transaction_data, payment_method: method, flow: 'payform', country: 'MY', extra };
  const known = { ...tried, transaction_data: { ...data, processing_tx_id: newId() } };
  if (!purchase.skip_capture)
    return take(world, known, { amount: total, currency: paid?.currency, type: 'purchase.paid', channels });
  const status = total === 0 ? 'preauthorized' : 'hold';
  const held = move(world, known, { status });
  if (status === 'hold') world.agenda.add('release', held.id, world.settings.holdMs);
  announce(world, { type: `purchase.${status}`, object: held, channels });
  return held;
}

type Taking = {
  amount: number;
  /** Where the money came in another currency than it was asked for. */
  currency?: string | undefined;
  type: string;
  channels?: readonly Channel[] | undefined;
};

export function take(world: World, purchase: Purchase, { amount, currency, type, channels }: Taking): Purchase {
  const method = purchase.transaction_data.payment_method;
  const paid = move(world, purchase, {
    status: 'paid',
    payment: paymentOf(purchase, { amount, currency, fee: purchase.marked_as_paid ? 0 : feeOf(method, amount) }),
    refundable_amount: amount,
    refund_availability: purchase.marked_as_paid ? 'none' : refundAvailabilityOf(method),
  });
  announce(world, { type, object: paid, channels });
  if (hasWord(paid.client.full_name, 'chargeback'))
    world.agenda.add('chargeback', paid.id, world.settings.chargebackMs);
  return paid;
}

const feeOf = (id: string, amount: number): number => {
  const method = methods.find((each) => each.id === id);
  return method ? feeFor(method, amount) : 0;
};

const refundAvailabilityOf = (id: string): RefundAvailability =>
  methods.find((method) => method.id === id)?.refund ?? 'all';

type Moved = { amount: number; fee: number; currency?: string | undefined };

function paymentOf({ purchase }: Purchase, { amount, fee, currency }: Moved): PaymentDetails {
  return {
    is_outgoing: false,
    payment_type: 'purchase',
    amount,
    currency: currency ?? purchase.currency,
    net_amount: amount - fee,
    fee_amount: fee,
    pending_amount: 0,
    pending_unfreeze_on: null,
    description: '',
    paid_on: unixNow(),
    remote_paid_on: unixNow(),
  };
}

/** A try that failed leaves the page open, unless there was to be one only. */
export function refuse(
  world: World,
  purchase: Purchase,
  { method, extra = {}, error, channels }: Means & { error: Failure; channels?: readonly Channel[] },
): Purchase {
  const tried = withAttempt(purchase, { type: 'execute', payment_method: method, extra, error });
  const failed = move(world, tried, { status: 'error' });
  announce(world, { type: 'purchase.payment_failure', object: failed, channels });
  return failed;
}

/** Of an outgoing payment: money that went back, whoever took it. */
export function outgoing(
  world: World,
  purchase: Purchase,
  { type, amount }: { type: PaymentDetails['payment_type']; amount: number },
): Payment {
  const now = unixNow();
  const currency = purchase.payment?.currency;
  const details = { ...paymentOf(purchase, { amount, fee: 0, currency }), is_outgoing: true, payment_type: type };
  return world.payments.put({
    id: newId(),
    type: 'payment',
    created_on: now,
    updated_on: now,
    client: purchase.client,
    payment: details,
    transaction_data: { payment_method: purchase.transaction_data.payment_method },
    related_to: { type: 'purchase', id: purchase.id, reference: purchase.reference },
    reference: purchase.reference,
    reference_generated: purchase.reference_generated,
    company_id: purchase.company_id,
    brand_id: purchase.brand_id,
    is_test: true,
    status: 'success',
  });
}

/** Timers of Node's hold no more than 24 days. */
const LONGEST_MS = 20 * 24 * 3_600_000;

export function watchDue(world: World, { id, due }: Purchase): void {
  if (due !== null) world.agenda.add('due', id, Math.min(Math.max(0, due * 1000 - Date.now()), LONGEST_MS));
}

/** The purchase as time has left it: no event tells of this one. */
export function inTime(world: World, purchase: Purchase): Purchase {
  const { due, status } = purchase;
  if (due === null || due > unixNow() || !PAYABLE.has(status) || status === 'overdue') return purchase;
  return move(world, purchase, { status: purchase.purchase.due_strict ? 'expired' : 'overdue' });
}

/** Task. */
export function reachDue(world: World, id: string): void {
  const purchase = world.purchases.get(id);
  if (purchase && inTime(world, purchase) === purchase && PAYABLE.has(purchase.status) && purchase.status !== 'overdue')
    watchDue(world, purchase);
}

/** Task: money that was on its way has arrived, or has not. */
export function finishExecution(world: World, id: string): void {
  const errand = world.errands.get(id);
  const purchase = world.purchases.get(id);
  if (errand?.kind !== 'execute' || purchase?.status !== 'pending_execute') return;
  world.errands.delete(id);
  const error = { code: 'timeout', message: 'The bank did not confirm the payment' };
  if (errand.ends === 'well') settle(world, purchase, { method: errand.method });
  else refuse(world, purchase, { method: errand.method, error });
}

/** Task: nobody took the money in time. */
export function releaseInTime(world: World, id: string): void {
  const purchase = world.purchases.get(id);
  if (purchase?.status === 'hold') release(world, purchase);
}

export function release(world: World, purchase: Purchase): Purchase {
  const method = purchase.transaction_data.payment_method;
  const released = move(world, withAttempt(purchase, { type: 'release', payment_method: method }), {
    status: 'released',
  });
  announce(world, { type: 'purchase.released', object: released });
  return released;
}
