// What a Checkout Session is asked for: which parameters there are, lines with prices, addresses, its end.
import { checkAmount, checkCurrency } from './currencies.ts';
import { invalidParameter, missing } from './errors.ts';
import { isBranch } from './form.ts';
import type { Params } from './form.ts';
import { SHARED } from './intent-params.ts';
import { objectId, unixNow } from './objects.ts';
import type { LineItem } from './objects.ts';
import { absent, allowOnly, branch, integer, requiredInteger, requiredText, text } from './params.ts';
import type { World } from './state.ts';

const DAY_S = 86_400;

export const CREATE_SESSION = [
  'adaptive_pricing',
  'after_expiration',
  'allow_promotion_codes',
  'automatic_tax',
  'billing_address_collection',
  'cancel_url',
  'client_reference_id',
  'consent_collection',
  'custom_fields',
  'custom_text',
  'customer',
  'customer_creation',
  'customer_email',
  'expires_at',
  'invoice_creation',
  'line_items',
  'locale',
  'metadata',
  'mode',
  'payment_intent_data',
  'payment_method_options',
  'payment_method_types',
  'phone_number_collection',
  'submit_type',
  'success_url',
  'ui_mode',
];
const INTENT_DATA = [
  ...SHARED.filter((name) => !['amount', 'currency', 'customer'].includes(name)),
  'capture_method',
  'application_fee_amount',
  'on_behalf_of',
  'transfer_data',
];

export type Basketful = { lines: LineItem[]; amount: number; currency: string };

export function basketIn(world: World, params: Params): Basketful {
  const items = params['line_items'];
  if (!Array.isArray(items) || items.length === 0) throw absent('line_items');
  const lines = items.map((item, position) => lineOf(world, isBranch(item) ? item : {}, `line_items[${position}]`));
  const [first] = lines;
  if (!first) throw absent('line_items');
  const { currency } = first;
  if (lines.some((line) => line.currency !== currency)) {
    throw invalidParameter('line_items', 'parameter_invalid', 'All line items must have the same currency.');
  }
  const amount = lines.reduce((sum, line) => sum + line.amount_total, 0);
  return { lines, amount: checkAmount(amount, currency), currency };
}

function lineOf(world: World, item: Params, at: string): LineItem {
  allowOnly(item, ['price', 'price_data', 'quantity', 'adjustable_quantity', 'dynamic_tax_rates', 'tax_rates']);
  const price = text(item, 'price');
  if (price !== undefined) throw missing('price', price, { param: `${at}[price]`, status: 400 });
  const data = branch(item, 'price_data');
  if (!data) throw absent(`${at}[price_data]`);
  const currency = checkCurrency(requiredText(data, 'currency'), {
    unsupported: world.unsupportedCurrencies,
    param: `${at}[price_data][currency]`,
  });
  const unitAmount = requiredInteger(data, 'unit_amount');
  const quantity = integer(item, 'quantity') ?? 1;
  if (unitAmount < 0 || quantity < 1) {
    throw invalidParameter(at, 'parameter_invalid_integer', 'Invalid non-negative integer');
  }
  const total = unitAmount * quantity;
  return {
    id: objectId('li'),
    object: 'item',
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency,
    description: requiredText(branch(data, 'product_data') ?? {}, 'name'),
    quantity,
  };
}

/** The parameters of the intent to come, with nothing in them that would be refused only when the customer pays. */
export function intentDataIn(params: Params): Params {
  const data = branch(params, 'payment_intent_data') ?? {};
  allowOnly(data, INTENT_DATA);
  return data;
}

export function addressIn(params: Params, name: string): string | null {
  const url = text(params, name);
  if (url === undefined) return null;
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw invalidParameter(name, 'url_invalid', 'Not a valid URL');
}

export function endIn(world: World, params: Params): number {
  const now = unixNow();
  const end = integer(params, 'expires_at') ?? now + DAY_S;
  const shortest = Math.floor(world.settings.minSessionMs / 1000);
  if (end < now + shortest || end > now + DAY_S) {
    throw invalidParameter(
      'expires_at',
      'parameter_invalid',
      `The \`expires_at\` timestamp must be between ${shortest / 60} minutes and 24 hours from Checkout Session creation.`,
    );
  }
  return end;
}
