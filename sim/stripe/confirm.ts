// What happens when a payment method meets an intent: money, a decline, a 3-D Secure challenge or a delayed debit.
import type { Call } from './call.ts';
import { markCanceled } from './cancel.ts';
import { behaviourOf } from './cards.ts';
import type { Decline } from './cards.ts';
import { makeCharge } from './charges.ts';
import { StripeError, invalidRequest, unexpectedState } from './errors.ts';
import type { ErrorBody } from './errors.ts';
import { announce } from './events.ts';
import type { Cause } from './events.ts';
import { methodIn } from './methods.ts';
import type { Intent, NextAction } from './objects.ts';
import { flag, oneOf, text } from './params.ts';
import type { Wallet, World } from './state.ts';

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

export function confirmIntent(world: World, before: Intent, call: Call): Intent {
  if (!CONFIRMABLE.includes(before.status)) throw unexpectedState(before, 'confirm');
  const wallet = methodIn(world, call) ?? world.wallets.get(before.payment_method ?? '');
  if (!wallet) {
    throw invalidRequest(
      "You cannot confirm this PaymentIntent because it's missing a payment method. Provide one with `payment_method` or `payment_method_data`.",
      { code: 'payment_intent_unexpected_state', payment_intent: before },
    );
  }
  const captureMethod = oneOf(call.params, 'capture_method', ['automatic', 'automatic_async', 'manual']);
  const intent: Intent = {
    ...before,
    capture_method: captureMethod ?? before.capture_method,
    payment_method: wallet.id,
    receipt_email: text(call.params, 'receipt_email') ?? before.receipt_email,
  };
  const { failures = 0, session = null } = world.attempts.get(intent.id) ?? {};
  world.attempts.put({
    id: intent.id,
    number: wallet.number,
    returnUrl: text(call.params, 'return_url') ?? null,
    failures,
    bySdk: flag(call.params, 'use_stripe_sdk') ?? false,
    session,
  });
  const after = begin(world, { intent, wallet, call });
  if (after.last_payment_error && after.status !== 'requires_action') throw declined(after);
  return after;
}

function begin(world: World, { intent, wallet, call }: { intent: Intent; wallet: Wallet; call: Call }): Intent {
  const behaviour = behaviourOf(wallet.number);
  if (behaviour.delayed) return startProcessing(world, intent, call);
  if (behaviour.challenge === 'never') return finish(world, intent, call);
  if (flag(call.params, 'off_session') || flag(call.params, 'error_on_requires_action')) {
    return refuse(world, intent, {
      cause: call,
      wallet,
      decline: {
        code: 'authentication_required',
        decline_code: 'authentication_required',
        message: 'Your card was declined. This transaction requires authentication.',
      },
    });
  }
  const challenged = world.intents.put({
    ...intent,
    last_payment_error: null,
    next_action: challengeFor(world, intent),
    status: 'requires_action',
  });
  announce(world, { type: 'payment_intent.requires_action', object: challenged, cause: call });
  return challenged;
}

function challengeFor(world: World, intent: Intent): NextAction {
  const attempt = world.attempts.get(intent.id);
  const url = `${world.url}/3ds/${intent.id}`;
  if (attempt?.returnUrl && !attempt.bySdk) {
    return { type: 'redirect_to_url', redirect_to_url: { url, return_url: attempt.returnUrl } };
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url, source: `src_${intent.id.slice(3)}` },
  };
}

/** The customer answered the challenge page. */
export function answerChallenge(world: World, id: string, outcome: 'pass' | 'fail'): Intent | undefined {
  const intent = world.intents.get(id);
  if (intent?.status !== 'requires_action') return intent;
  if (outcome === 'pass') return finish(world, { ...intent, next_action: null }, null);
  return fail(world, intent, {
    cause: null,
    error: {
      type: 'invalid_request_error',
      code: 'payment_intent_authentication_failure',
      message:
        'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.',
      payment_method: world.wallets.get(intent.payment_method ?? '')?.method,
    },
  });
}

function startProcessing(world: World, intent: Intent, call: Call): Intent {
  const processing = world.intents.put({
    ...intent,
    last_payment_error: null,
    next_action: null,
    status: 'processing',
  });
  announce(world, { type: 'payment_intent.processing', object: processing, cause: call });
  world.agenda.add('debit', intent.id, world.settings.processingMs);
  return processing;
}

/** Task: the bank has answered a delayed debit. */
export function finishDebit(world: World, id: string): void {
  const intent = world.intents.get(id);
  if (intent?.status === 'processing') finish(world, intent, null);
}

function finish(world: World, intent: Intent, cause: Cause): Intent {
  const wallet = world.wallets.get(intent.payment_method ?? '');
  if (!wallet) throw new Error(`${intent.id} lost its payment method`);
  const { decline } = behaviourOf(wallet.number);
  return decline ? refuse(world, intent, { cause, wallet, decline }) : succeed(world, intent, { cause, wallet });
}

function succeed(world: World, intent: Intent, { cause, wallet }: { cause: Cause; wallet: Wallet }): Intent {
  const charge = makeCharge(world, { intent, wallet });
  const held = !charge.captured;
  const paid = world.intents.put({
    ...intent,
    amount_capturable: held ? intent.amount : 0,
    amount_received: held ? 0 : intent.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    status: held ? 'requires_capture' : 'succeeded',
  });
  if (held) world.agenda.add('release', intent.id, world.settings.holdMs);
  announce(world, { type: 'charge.succeeded', object: charge, cause });
  const type = held ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded';
  announce(world, { type, object: paid, cause });
  return paid;
}

function refuse(
  world: World,
  intent: Intent,
  { cause, wallet, decline }: { cause: Cause; wallet: Wallet; decline: Decline },
): Intent {
  const charge = makeCharge(world, { intent, wallet, decline });
  announce(world, { type: 'charge.failed', object: charge, cause });
  const error: ErrorBody = {
    type: 'card_error',
    ...decline,
    charge: charge.id,
    payment_method: wallet.method,
  };
  return fail(world, { ...intent, latest_charge: charge.id }, { cause, error });
}

function fail(world: World, intent: Intent, { cause, error }: { cause: Cause; error: ErrorBody }): Intent {
  const docUrl = `https://stripe.com/docs/error-codes/${(error.code ?? '').replaceAll('_', '-')}`;
  const failed = world.intents.put({
    ...intent,
    last_payment_error: { ...error, doc_url: docUrl },
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  announce(world, { type: 'payment_intent.payment_failed', object: failed, cause });
  const attempt = world.attempts.get(intent.id);
  const failures = (attempt?.failures ?? 0) + 1;
  if (attempt) world.attempts.put({ ...attempt, failures });
  if (failures < world.settings.maxFailedAttempts) return failed;
  return markCanceled(world, failed, { reason: 'automatic', cause: null });
}

function declined(intent: Intent): StripeError {
  const error = intent.last_payment_error ?? { type: 'card_error', message: 'Your card was declined.' };
  return new StripeError(402, { ...error, payment_intent: intent }, true);
}
