// PaymentIntents: create, read, change, capture, cancel, list.
import { randomText } from '../random.ts';
import type { Call } from './call.ts';
import { markCanceled } from './cancel.ts';
import { authorised, captureCharge, releaseHold } from './charges.ts';
import { confirmIntent } from './confirm.ts';
import { checkAmount, checkCurrency, inWords } from './currencies.ts';
import { StripeError, invalidRequest, missing, unexpectedState } from './errors.ts';
import { announce } from './events.ts';
import { CONFIRM, CREATE, SHARED } from './intent-params.ts';
import { listOf } from './lists.ts';
import { methodIn } from './methods.ts';
import { objectId, unixNow } from './objects.ts';
import type { Params } from './form.ts';
import type { Intent } from './objects.ts';
import {
  absent,
  allowOnly,
  branch,
  clearable,
  flag,
  integer,
  mergedMetadata,
  oneOf,
  requiredInteger,
  requiredText,
  text,
  texts,
} from './params.ts';
import type { World } from './state.ts';

const CALLER_REASONS = ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'] as const;

export function createIntent(world: World, call: Call): Intent {
  const { params } = call;
  allowOnly(params, CREATE);
  const amount = requiredInteger(params, 'amount');
  const unsupported = world.unsupportedCurrencies;
  const currency = checkCurrency(requiredText(params, 'currency'), { unsupported });
  checkAmount(amount, currency);
  const confirm = flag(params, 'confirm') ?? false;
  if (params['return_url'] !== undefined && !confirm) {
    throw invalidRequest('The parameter `return_url` can only be passed with confirm=true.', { param: 'return_url' });
  }
  const draft = draftIntent(params, { amount, currency });
  const wallet = methodIn(world, call);
  if (confirm && !wallet) throw absent('payment_method');
  const intent = world.intents.put(
    wallet ? { ...draft, payment_method: wallet.id, status: 'requires_confirmation' } : draft,
  );
  world.attempts.put({
    id: intent.id,
    number: wallet?.number ?? '',
    returnUrl: null,
    failures: 0,
    bySdk: false,
    session: null,
  });
  announce(world, { type: 'payment_intent.created', object: intent, cause: call });
  return confirm ? confirmIntent(world, intent, call) : intent;
}

export function draftIntent(params: Params, { amount, currency }: { amount: number; currency: string }): Intent {
  const id = objectId('pi');
  const automatic = branch(params, 'automatic_payment_methods');
  const types = texts(params, 'payment_method_types');
  return {
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods:
      automatic || types.length === 0
        ? {
            enabled: automatic ? (flag(automatic, 'enabled') ?? true) : true,
            allow_redirects: (automatic && oneOf(automatic, 'allow_redirects', ['always', 'never'])) ?? 'always',
          }
        : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: oneOf(params, 'capture_method', ['automatic', 'automatic_async', 'manual']) ?? 'automatic_async',
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: oneOf(params, 'confirmation_method', ['automatic', 'manual']) ?? 'automatic',
    created: unixNow(),
    currency,
    customer: text(params, 'customer') ?? null,
    description: text(params, 'description') ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata: mergedMetadata(params),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_options: { card: { installments: null, network: null, request_three_d_secure: 'automatic' } },
    payment_method_types: types.length > 0 ? types : ['card', 'link'],
    processing: null,
    receipt_email: text(params, 'receipt_email') ?? null,
    review: null,
    setup_future_usage: oneOf(params, 'setup_future_usage', ['off_session', 'on_session']) ?? null,
    shipping: branch(params, 'shipping') ?? null,
    statement_descriptor: text(params, 'statement_descriptor') ?? null,
    statement_descriptor_suffix: text(params, 'statement_descriptor_suffix') ?? null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: text(params, 'transfer_group') ?? null,
  };
}

/** Finds the intent of the path; a publishable key also has to know its secret. */
function intentOf(world: World, call: Call): Intent {
  const intent = world.intents.get(call.target);
  if (!intent) throw missing('payment_intent', call.target, { param: 'intent', status: 404 });
  const secret = text(call.params, 'client_secret');
  if (secret === undefined && !call.publishable) return intent;
  if (secret === intent.client_secret) return intent;
  if (secret === undefined) throw absent('client_secret');
  throw new StripeError(
    400,
    {
      type: 'invalid_request_error',
      code: 'payment_intent_invalid_parameter',
      param: 'client_secret',
      message: 'The client_secret provided does not match the client_secret associated with the PaymentIntent.',
    },
    false,
  );
}

export function retrieveIntent(world: World, call: Call): Intent {
  allowOnly(call.params, ['client_secret']);
  return intentOf(world, call);
}

export function updateIntent(world: World, call: Call): Intent {
  const { params } = call;
  allowOnly(params, [...SHARED, 'capture_method']);
  const intent = intentOf(world, call);
  const unsupported = world.unsupportedCurrencies;
  const currency = checkCurrency(text(params, 'currency') ?? intent.currency, { unsupported });
  const amount = integer(params, 'amount') ?? intent.amount;
  const wallet = methodIn(world, call);
  const payable = ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status);
  const changesPayment = amount !== intent.amount || currency !== intent.currency || wallet !== undefined;
  if (changesPayment && !payable) throw unexpectedState(intent, 'update the payment details of');
  if (changesPayment) checkAmount(amount, currency);
  const method: Partial<Intent> = wallet
    ? { payment_method: wallet.id, status: 'requires_confirmation', next_action: null }
    : {};
  return world.intents.put({
    ...intent,
    ...method,
    amount,
    currency,
    metadata: mergedMetadata(params, intent.metadata),
    ...cleared(params, [
      'description',
      'receipt_email',
      'customer',
      'statement_descriptor',
      'statement_descriptor_suffix',
      'transfer_group',
      'setup_future_usage',
    ]),
    shipping: branch(params, 'shipping') ?? intent.shipping,
  });
}

function cleared(params: Call['params'], names: string[]): Record<string, string | null> {
  const changed: Record<string, string | null> = {};
  for (const name of names) {
    const value = clearable(params, name);
    if (value !== undefined) changed[name] = value;
  }
  return changed;
}

export function confirmEndpoint(world: World, call: Call): Intent {
  allowOnly(call.params, CONFIRM);
  const intent = intentOf(world, call);
  if (belongsToSession(world, intent)) throw ownedBySession('confirm');
  return confirmIntent(world, intent, call);
}

export function captureIntent(world: World, call: Call): Intent {
  allowOnly(call.params, [
    'amount_to_capture',
    'metadata',
    'statement_descriptor',
    'statement_descriptor_suffix',
    'final_capture',
  ]);
  const intent = intentOf(world, call);
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'capture');
  const amount = integer(call.params, 'amount_to_capture') ?? intent.amount_capturable;
  if (amount < 1 || amount > intent.amount_capturable) {
    throw invalidRequest(
      `The requested capture amount is greater than the amount you can capture for this charge (${inWords(intent.amount_capturable, intent.currency)}).`,
      { code: 'amount_too_large', param: 'amount_to_capture' },
    );
  }
  const charge = captureCharge(world, authorised(world, intent), amount);
  const captured = world.intents.put({
    ...intent,
    amount_capturable: 0,
    amount_received: amount,
    metadata: mergedMetadata(call.params, intent.metadata),
    status: 'succeeded',
  });
  announce(world, { type: 'charge.captured', object: charge, cause: call });
  announce(world, { type: 'payment_intent.succeeded', object: captured, cause: call });
  return captured;
}

export function cancelIntent(world: World, call: Call): Intent {
  allowOnly(call.params, ['cancellation_reason', 'client_secret']);
  const intent = intentOf(world, call);
  const reason = oneOf(call.params, 'cancellation_reason', CALLER_REASONS) ?? null;
  if (['succeeded', 'canceled', 'processing'].includes(intent.status)) throw unexpectedState(intent, 'cancel');
  if (belongsToSession(world, intent) && intent.status !== 'requires_capture') throw ownedBySession('cancel');
  if (intent.status === 'requires_capture') {
    const charge = releaseHold(world, authorised(world, intent));
    announce(world, { type: 'charge.refunded', object: charge, cause: call });
  }
  return markCanceled(world, intent, { reason, cause: call });
}

const belongsToSession = (world: World, { id }: Intent): boolean => Boolean(world.attempts.get(id)?.session);

function ownedBySession(verb: string): StripeError {
  return invalidRequest(
    `You cannot ${verb} this PaymentIntent because it was created by Checkout. Let the customer finish the Checkout Session, or expire it.`,
  );
}

export function listIntents(world: World, call: Call) {
  allowOnly(call.params, ['customer', 'created', 'limit', 'starting_after', 'ending_before']);
  const customer = text(call.params, 'customer');
  return listOf(call, {
    table: world.intents,
    keep: (intent) => customer === undefined || intent.customer === customer,
  });
}
