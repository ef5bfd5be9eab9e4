// Payment methods: from a token, from an id, or from card fields that a browser sends.
import { createHash } from 'node:crypto';
import { behaviourOf, faultOfCard, isBankAccount, numberOfToken } from './cards.ts';
import { StripeError, invalidRequest, missing } from './errors.ts';
import type { Params } from './form.ts';
import { objectId, unixNow } from './objects.ts';
import type { BillingDetails, PaymentMethod } from './objects.ts';
import { allowOnly, branch, clearable, mergedMetadata, requiredText, text } from './params.ts';
import type { Call } from './call.ts';
import type { Wallet, World } from './state.ts';

export function createMethod(world: World, call: Call): PaymentMethod {
  const { params } = call;
  allowOnly(params, [
    'type',
    'card',
    'us_bank_account',
    'billing_details',
    'metadata',
    'guid',
    'muid',
    'sid',
    'payment_user_agent',
    'time_on_page',
    'referrer',
  ]);
  return walletFromData(world, params, call.publishable).method;
}

export function retrieveMethod(world: World, call: Call): PaymentMethod {
  const wallet = world.wallets.get(call.target);
  if (!wallet) throw missing('PaymentMethod', call.target, { param: 'id', status: 404 });
  return wallet.method;
}

/** The method a create, update or confirm names, if it names one. */
export function methodIn(world: World, call: Call): Wallet | undefined {
  const data = branch(call.params, 'payment_method_data');
  if (data) return walletFromData(world, data, call.publishable);
  const id = text(call.params, 'payment_method');
  if (!id) return undefined;
  const number = numberOfToken(id);
  if (number !== undefined) {
    return keep(
      world,
      isBankAccount(number)
        ? bankMethod(number)
        : cardMethod({ number, month: 12, year: new Date().getUTCFullYear() + 3, cvc: '123' }, noDetails()),
    );
  }
  const wallet = world.wallets.get(id);
  if (!wallet) throw missing('PaymentMethod', id, { param: 'payment_method', status: 400 });
  return wallet;
}

function walletFromData(world: World, data: Params, publishable: boolean): Wallet {
  const type = requiredText(data, 'type');
  const details = billingDetails(branch(data, 'billing_details') ?? {});
  const metadata = mergedMetadata(data);
  if (type === 'us_bank_account') {
    const number = requiredText(branch(data, 'us_bank_account') ?? {}, 'account_number');
    return keep(world, { ...bankMethod(number), billing_details: details, metadata }, number);
  }
  if (type !== 'card') {
    throw invalidRequest(`The payment method type "${type}" is not supported by this stand-in.`, {
      param: 'payment_method_data[type]',
    });
  }
  if (!publishable) {
    throw invalidRequest(
      'Sending credit card numbers directly to the Stripe API is generally unsafe. Use a test token such as pm_card_visa, or confirm with the publishable key as a browser does.',
    );
  }
  const card = cardFields(branch(data, 'card') ?? {});
  const fault = faultOfCard(card);
  if (fault) throw new StripeError(402, { type: 'card_error', ...fault }, true);
  return keep(world, { ...cardMethod(card, details), metadata }, card.number);
}

function cardFields(fields: Params) {
  const year = Number(text(fields, 'exp_year'));
  return {
    number: requiredText(fields, 'number').replaceAll(/[\s-]/g, ''),
    month: Number(text(fields, 'exp_month')),
    year: year < 100 ? 2000 + year : year,
    cvc: text(fields, 'cvc') ?? '',
  };
}

function keep(world: World, method: PaymentMethod & { number?: string }, number = method.number ?? ''): Wallet {
  const { number: _, ...wire } = method;
  return world.wallets.put({ id: wire.id, number, method: wire });
}

function cardMethod(
  card: { number: string; month: number; year: number; cvc: string },
  details: BillingDetails,
): PaymentMethod & { number: string } {
  const behaviour = behaviourOf(card.number);
  return {
    id: objectId('pm'),
    object: 'payment_method',
    type: 'card',
    allow_redisplay: 'unspecified',
    billing_details: details,
    card: {
      brand: behaviour.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check: card.cvc === '' ? 'unavailable' : 'unchecked',
      },
      country: 'US',
      display_brand: behaviour.brand,
      exp_month: card.month,
      exp_year: card.year,
      fingerprint: createHash('sha256').update(card.number).digest('hex').slice(0, 16),
      funding: 'credit',
      last4: card.number.slice(-4),
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: unixNow(),
    customer: null,
    livemode: false,
    metadata: {},
    number: card.number,
  };
}

function bankMethod(number: string): PaymentMethod & { number: string } {
  return {
    id: objectId('pm'),
    object: 'payment_method',
    type: 'us_bank_account',
    allow_redisplay: 'unspecified',
    billing_details: noDetails(),
    us_bank_account: { bank_name: 'STAND-IN BANK', last4: number.slice(-4), account_type: 'checking' },
    created: unixNow(),
    customer: null,
    livemode: false,
    metadata: {},
    number,
  };
}

function billingDetails(fields: Params): BillingDetails {
  const address = branch(fields, 'address') ?? {};
  return {
    ...noDetails(),
    address: {
      ...noDetails().address,
      ...Object.fromEntries(Object.keys(address).map((name) => [name, clearable(address, name) ?? null])),
    },
    email: clearable(fields, 'email') ?? null,
    name: clearable(fields, 'name') ?? null,
    phone: clearable(fields, 'phone') ?? null,
  };
}

function noDetails(): BillingDetails {
  return {
    address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
    email: null,
    name: null,
    phone: null,
  };
}
