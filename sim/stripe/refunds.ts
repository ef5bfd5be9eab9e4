// Refunds: many per charge up to what was captured; some arrive late and some turn back.
import type { Call } from './call.ts';
import { behaviourOf } from './cards.ts';
import { book } from './charges.ts';
import { inWords } from './currencies.ts';
import { endInquiry } from './dispute-life.ts';
import { StripeError, invalidParameter, invalidRequest, missing } from './errors.ts';
import { announce } from './events.ts';
import { listOf } from './lists.ts';
import { objectId, unixNow } from './objects.ts';
import type { Charge, Refund } from './objects.ts';
import { absent, allowOnly, integer, mergedMetadata, oneOf, text } from './params.ts';
import type { World } from './state.ts';

const REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

export function createRefund(world: World, call: Call): Refund {
  const { params } = call;
  allowOnly(params, ['payment_intent', 'charge', 'amount', 'reason', 'metadata', 'instructions_email', 'currency']);
  const reason = oneOf(params, 'reason', REASONS) ?? null;
  const metadata = mergedMetadata(params);
  const asked = integer(params, 'amount');
  const charge = refundable(world, call);
  const amount = amountOf(charge, asked);
  const kind = behaviourOf(world.wallets.get(charge.payment_method)?.number ?? '').refund;
  const refund = world.refunds.put({
    id: objectId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: unixNow(),
    currency: charge.currency,
    destination_details: { type: 'card', card: { type: 'refund', reference_status: 'pending' } },
    metadata,
    payment_intent: charge.payment_intent,
    reason,
    receipt_number: null,
    status: kind === 'pending' ? 'pending' : 'succeeded',
    ...(kind === 'pending' ? { pending_reason: 'processing' } : {}),
  });
  if (kind === 'pending') world.agenda.add('finish_refund', refund.id, world.settings.refundMs);
  if (kind === 'fails_later') world.agenda.add('fail_refund', refund.id, world.settings.refundMs);
  return publish(world, { refund: withBooking(world, refund), charge, call });
}

function publish(world: World, { refund, charge, call }: { refund: Refund; charge: Charge; call: Call }): Refund {
  const total = charge.amount_refunded + refund.amount;
  const updated = world.charges.put({
    ...charge,
    amount_refunded: total,
    refunded: total >= charge.amount_captured,
  });
  announce(world, { type: 'refund.created', object: refund, cause: call });
  announce(world, {
    type: 'charge.refunded',
    object: updated,
    cause: call,
    previous: { amount_refunded: charge.amount_refunded, refunded: charge.refunded },
  });
  if (updated.refunded) endInquiry(world, updated.id, call);
  return refund;
}

function withBooking(world: World, refund: Refund): Refund {
  const transaction = book(world, {
    type: 'refund',
    amount: -refund.amount,
    fee: 0,
    currency: refund.currency,
    source: refund.id,
  });
  return world.refunds.put({ ...refund, balance_transaction: transaction.id });
}

function refundable(world: World, call: Call): Charge {
  const chargeId = text(call.params, 'charge');
  const intentId = text(call.params, 'payment_intent');
  if (chargeId !== undefined) {
    const charge = world.charges.get(chargeId);
    if (!charge) throw missing('charge', chargeId, { param: 'charge', status: 400 });
    return checked(world, charge);
  }
  if (intentId === undefined) throw absent('payment_intent');
  const intent = world.intents.get(intentId);
  if (!intent) throw missing('payment_intent', intentId, { param: 'payment_intent', status: 400 });
  if (intent.status === 'requires_capture') {
    throw invalidRequest(
      'This PaymentIntent has a status of requires_capture and has no captured funds to refund. Cancel the PaymentIntent instead.',
      { param: 'payment_intent' },
    );
  }
  const charge = world.charges.get(intent.latest_charge ?? '');
  if (!charge?.paid || intent.status !== 'succeeded') {
    throw invalidRequest(`This PaymentIntent (${intentId}) does not have a successful charge to refund.`, {
      param: 'payment_intent',
    });
  }
  return checked(world, charge);
}

/** Assumed: a dispute that was won leaves the charge refundable again. */
function checked(world: World, charge: Charge): Charge {
  if (world.disputesByCharge.all(charge.id).some((it) => !it.is_charge_refundable && it.status !== 'won')) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
      charge: charge.id,
    });
  }
  if (!charge.captured) {
    throw invalidRequest(`Charge ${charge.id} has not been captured; there is nothing to refund.`, {
      charge: charge.id,
    });
  }
  return charge;
}

function amountOf(charge: Charge, asked: number | undefined): number {
  const left = charge.amount_captured - charge.amount_refunded;
  if (left <= 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
      charge: charge.id,
    });
  }
  if (asked === undefined) return left;
  if (asked < 1) {
    throw invalidParameter('amount', 'parameter_invalid_integer', 'Invalid positive integer');
  }
  if (asked > left) {
    throw new StripeError(
      400,
      {
        type: 'invalid_request_error',
        param: 'amount',
        message: `Refund amount (${inWords(asked, charge.currency)}) is greater than unrefunded amount on charge (${inWords(left, charge.currency)})`,
      },
      true,
    );
  }
  return asked;
}

/** Task: a pending refund arrived. */
export function finishRefund(world: World, id: string): void {
  const refund = world.refunds.get(id);
  if (refund?.status !== 'pending') return;
  const { pending_reason: _, ...rest } = refund;
  const finished = world.refunds.put({ ...rest, status: 'succeeded' });
  announce(world, {
    type: 'refund.updated',
    object: finished,
    cause: null,
    previous: { status: 'pending' },
  });
}

/** Task: the customer's bank sent the money back; it is ours again. */
export function failRefund(world: World, id: string): void {
  const refund = world.refunds.get(id);
  const charge = world.charges.get(refund?.charge ?? '');
  if (refund?.status !== 'succeeded' || !charge) return;
  const returned = book(world, {
    type: 'refund_failure',
    amount: refund.amount,
    fee: 0,
    currency: refund.currency,
    source: refund.id,
  });
  const failed = world.refunds.put({
    ...refund,
    failure_balance_transaction: returned.id,
    failure_reason: 'expired_or_canceled_card',
    status: 'failed',
  });
  world.charges.put({
    ...charge,
    amount_refunded: charge.amount_refunded - refund.amount,
    refunded: false,
  });
  const previous = { status: refund.status };
  announce(world, { type: 'refund.updated', object: failed, cause: null, previous });
  announce(world, { type: 'refund.failed', object: failed, cause: null, previous });
}

function refundOf(world: World, call: Call): Refund {
  const refund = world.refunds.get(call.target);
  if (!refund) throw missing('refund', call.target, { param: 'id', status: 404 });
  return refund;
}

export function retrieveRefund(world: World, call: Call): Refund {
  allowOnly(call.params, []);
  return refundOf(world, call);
}

export function updateRefund(world: World, call: Call): Refund {
  allowOnly(call.params, ['metadata']);
  const refund = refundOf(world, call);
  return world.refunds.put({ ...refund, metadata: mergedMetadata(call.params, refund.metadata) });
}

/** Only a refund that waits for the customer's bank details can be cancelled; card refunds never do. */
export function cancelRefund(world: World, call: Call): Refund {
  const refund = refundOf(world, call);
  throw invalidRequest(
    `You cannot cancel refund ${refund.id} because it has a status of ${refund.status}. Only a refund with status requires_action can be canceled.`,
  );
}

export function listRefunds(world: World, call: Call) {
  allowOnly(call.params, ['payment_intent', 'charge', 'created', 'limit', 'starting_after', 'ending_before']);
  const charge = text(call.params, 'charge');
  const intent = text(call.params, 'payment_intent');
  const table = world.refunds;
  if (charge !== undefined) return listOf(call, { table, within: { index: world.refundsByCharge, key: charge } });
  if (intent !== undefined) return listOf(call, { table, within: { index: world.refundsByIntent, key: intent } });
  return listOf(call, { table });
}
