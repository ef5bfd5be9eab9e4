// Creating a purchase: CHIP's checks of the body, and the object that comes of it. A repeated call makes another one.
import { ChipError } from './errors.ts';
import type { Problem } from './errors.ts';
import { announce } from './events.ts';
import { Fields } from './fields.ts';
import { inDecimals, isNegative, lineTotal, stepsOf } from './lines.ts';
import { watchDue } from './life.ts';
import { whitelistWords } from './methods.ts';
import { COMPANY_ID, newId, unixNow } from './objects.ts';
import type { Client, Product, Purchase, PurchaseDetails } from './objects.ts';
import { acceptedCurrencies } from './state.ts';
import type { World } from './state.ts';

const FIRST_NUMBER = 8_500;
const PLATFORMS = ['web', 'api', 'ios', 'android', 'macos', 'windows'];

export function createPurchase(world: World, body: Record<string, unknown>): Purchase {
  const problems: Problem[] = [];
  const fields = new Fields(body, problems);
  const client = clientIn(fields);
  const skip_capture = fields.flag('skip_capture');
  const details = detailsIn(world, fields, skip_capture);
  const purchase = draft(world, { fields, client, details, skip_capture });
  if (problems.length > 0) throw new ChipError(400, problems);
  world.purchases.put(purchase);
  watchDue(world, purchase);
  announce(world, { type: 'purchase.created', object: purchase });
  return purchase;
}

function clientIn(fields: Fields): Client {
  const given = fields.has('client');
  if (given && fields.has('client_id'))
    fields.complain([], 'purchase_client_or_id_only', 'Provide either `client` or `client_id`, not both.');
  else if (!given && !fields.has('client_id'))
    fields.complain([], 'purchase_client_or_id_required', 'Either `client` or `client_id` is required.');
  else if (!given) fields.complain(['client_id'], 'does_not_exist', 'This stand-in keeps no clients.');
  const client = fields.within('client', given);
  const email = client.text('email', { longest: 254, required: given });
  if (email !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
    client.complain(['email'], 'invalid', 'Enter a valid email address.');
  const country = client.text('country', { longest: 2 });
  if (country !== '' && !/^[A-Z]{2}$/.test(country))
    client.complain(['country'], 'invalid_choice', `"${country}" is not a valid choice.`);
  const full_name = client.text('full_name', { longest: 128 });
  const phone = client.text('phone', { longest: 32 });
  return { ...client.all(), email, full_name, phone, country };
}

function detailsIn(world: World, fields: Fields, hold: boolean): PurchaseDetails {
  const purchase = fields.within('purchase', true);
  const currency = purchase.text('currency', { longest: 3 }) || 'MYR';
  if (!acceptedCurrencies(world).includes(currency))
    purchase.complain(['currency'], 'invalid_choice', `"${currency}" is not a valid choice.`);
  const products = productsIn(purchase);
  const override = purchase.amount('total_override');
  const total = override ?? products.reduce((sum, product) => sum + lineTotal(product), 0);
  if (total === 0 && products.length > 0 && !hold)
    fields.complain([], 'purchase_zero_total', 'A total of zero needs `skip_capture`.');
  return {
    currency,
    products,
    total,
    language: purchase.text('language', { longest: 2 }) || 'en',
    notes: purchase.text('notes', { longest: 10_000 }),
    debt: purchase.amount('debt') ?? 0,
    subtotal_override: purchase.amount('subtotal_override') ?? null,
    total_tax_override: purchase.amount('total_tax_override') ?? null,
    total_discount_override: purchase.amount('total_discount_override') ?? null,
    total_override: override ?? null,
    request_client_details: purchase.list('request_client_details') ?? [],
    timezone: purchase.text('timezone', { longest: 64 }) || 'Asia/Kuala_Lumpur',
    due_strict: purchase.flag('due_strict'),
    single_attempt: purchase.flag('single_attempt'),
    email_message: purchase.text('email_message', { longest: 10_000 }),
    metadata: purchase.within('metadata', false).all(),
  };
}

function productsIn(purchase: Fields): Product[] {
  const list = purchase.list('products');
  if (!list || list.length === 0) {
    purchase.complain(['products'], 'required', 'At least one product is required.');
    return [];
  }
  return list.map((_, position) => productIn(purchase.at('products', position)));
}

function productIn(line: Fields): Product {
  const quantity = stepsOf(line.raw('quantity') ?? 1, 4);
  const tax = stepsOf(line.raw('tax_percent') ?? 0, 2);
  if (quantity === undefined) line.complain(['quantity'], 'invalid', 'A valid number is required.');
  if (tax === undefined || tax > 10_000n)
    line.complain(['tax_percent'], 'max_value', 'Ensure this value is less than or equal to 100.');
  const product: Product = {
    name: line.text('name', { longest: 256, required: true }),
    price: line.amount('price', { required: true }) ?? 0,
    quantity: inDecimals(quantity ?? 0n, 4),
    discount: line.amount('discount') ?? 0,
    tax_percent: inDecimals(tax ?? 0n, 2),
    category: line.text('category', { longest: 256 }),
    total_price_override: line.amount('total_price_override') ?? null,
  };
  if (isNegative(product))
    line.complain([], 'product_subtotal_negative', "Discount can't be larger than price * quantity!");
  return product;
}

type Parts = { fields: Fields; client: Client; details: PurchaseDetails; skip_capture: boolean };

function draft(world: World, { fields, client, details, skip_capture }: Parts): Purchase {
  const id = newId();
  const now = unixNow();
  return {
    id,
    type: 'purchase',
    created_on: now,
    updated_on: now,
    client,
    purchase: details,
    payment: null,
    issuer_details: { legal_name: 'Stand-in Sdn Bhd', brand_name: 'Stand-in', website: '' },
    transaction_data: { payment_method: '', flow: '', country: '', extra: {}, processing_tx_id: '', attempts: [] },
    status: 'created',
    status_history: [{ status: 'created', timestamp: now }],
    viewed_on: null,
    company_id: COMPANY_ID,
    is_test: true,
    user_id: null,
    billing_template_id: null,
    client_id: newId(),
    is_recurring_token: false,
    recurring_token: null,
    skip_capture,
    reference_generated: `CH${FIRST_NUMBER + world.purchases.size + 1}`,
    refund_availability: 'none',
    refundable_amount: 0,
    currency_conversion: null,
    product: 'purchases',
    created_from_ip: '127.0.0.1',
    invoice_url: null,
    checkout_url: `${world.url}/p/${id}/`,
    direct_post_url: null,
    marked_as_paid: false,
    order_id: null,
    ...wishesIn(fields),
  };
}

function wishesIn(fields: Fields) {
  const due = fields.amount('due') ?? null;
  if (due !== null && due <= unixNow())
    fields.complain(['due'], 'due_not_greater_than_now', '`due` must be in the future.');
  const platform = fields.text('platform', { longest: 8 }) || 'api';
  if (!PLATFORMS.includes(platform))
    fields.complain(['platform'], 'invalid_choice', `"${platform}" is not a valid choice.`);
  return {
    brand_id: fields.uuid('brand_id'),
    send_receipt: fields.flag('send_receipt'),
    force_recurring: fields.flag('force_recurring'),
    reference: fields.text('reference', { longest: 128 }),
    issued: fields.text('issued', { longest: 10 }) || null,
    due,
    payment_method_whitelist: whitelistIn(fields),
    success_redirect: fields.address('success_redirect'),
    failure_redirect: fields.address('failure_redirect'),
    cancel_redirect: fields.address('cancel_redirect'),
    success_callback: fields.callback('success_callback'),
    creator_agent: fields.text('creator_agent', { longest: 32 }),
    platform,
    tags: fields.list('tags') ?? [],
  };
}

function whitelistIn(fields: Fields): string[] | null {
  const words = fields.list('payment_method_whitelist')?.map(String);
  const unknown = words?.filter((word) => !whitelistWords.includes(word)) ?? [];
  for (const word of unknown)
    fields.complain(['payment_method_whitelist'], 'invalid_choice', `"${word}" is not a valid choice.`);
  return words && words.length > 0 ? words : null;
}
