// @ts-check
// A cart from empty to frozen: filled in two tabs, cheaper by a voucher, its payment asked for twice.
import { PlainFailure } from '../../parts/failure.mjs';

/** @typedef {import('../walk.mjs').Walking} Walking */
/** @typedef {{ id: string, version: number, items: { id: string, product_id: string }[], totals: { total: number } }} Cart */
/** @typedef {{ purchase_id: string, checkout_url: string, reference: string, reused_intent?: true }} Purchase */
/** @typedef {{ cart: Cart, purchase: Purchase, followed: import('../walk.mjs').Followed, total: number }} Asked the cart is that of now, with its note of the purchase */

/** The seed's: a tote and two bags of coffee, with shipping, tax and packing. */
const TOTAL = 12_900;
/** With RM 15.00 off the goods before they are taxed. */
const DISCOUNTED = 11_325;

/**
 * One change, made to the cart as it was seen last.
 * @param {Walking} walking
 * @param {Cart} cart
 * @param {Omit<import('../wire.mjs').Exchange, 'headers'>} exchange
 * @returns {Promise<Cart>}
 */
export const change = ({ wire }, { id, version }, { path, ...exchange }) =>
  wire.visitor.ask({ ...exchange, path: `/carts/${id}${path}`, headers: { 'If-Match': `"${version}"` } });

/** @param {Walking} walking @returns {Promise<Cart>} */
export async function fill(walking) {
  const { wire } = walking;
  await wire.visitor.ask({
    path: '/products',
    text: 'what is sold',
    body: { products: [{ id: /./, name: /./, price: /^\d+$/, currency: 'MYR' }] },
  });
  const text = 'an empty cart; whoever knows its id holds it';
  /** @type {Cart} */
  const empty = await wire.visitor.ask({ method: 'POST', path: '/carts', json: {}, text, status: 201, body: ZERO });
  const put = (/** @type {Cart} */ cart, /** @type {string} */ product_id) =>
    change(walking, cart, {
      method: 'POST',
      path: '/items',
      json: { product_id, quantity: 1 },
      text: `${product_id} goes in`,
      status: 201,
      body: { version: cart.version + 1 },
    });
  const one = await put(empty, 'batik-tote');
  const two = await put(one, 'kopi-blend');
  await refuseOtherTab(walking, { seen: one, now: two });
  const kopi = two.items.find(({ product_id: product }) => product === 'kopi-blend');
  const full = await change(walking, two, {
    method: 'PATCH',
    path: `/items/${kopi?.id}`,
    json: { quantity: 2 },
    text: "two of them: the seed's cart",
    body: { totals: { subtotal: 11_200, total: TOTAL, savings: 0 } },
  });
  return change(walking, full, {
    method: 'POST',
    path: '/conditions',
    json: { code: 'RM15OFF' },
    text: 'a voucher',
    status: 201,
    body: { totals: { subtotal: 11_200, total: DISCOUNTED, savings: 1_500 } },
  });
}

const ZERO = { id: /./, version: 1, items: [], totals: { subtotal: 0, total: 0, savings: 0 } };

/** @param {Walking} walking @param {{ seen: Cart, now: Cart }} tabs */
async function refuseOtherTab(walking, { seen, now }) {
  const late = { method: /** @type {const} */ ('POST'), json: { product_id: 'enamel-mug', quantity: 1 } };
  await walking.wire.visitor.ask({
    ...late,
    path: `/carts/${now.id}/items`,
    text: 'a change must say which version it means',
    status: 428,
    body: { success: false, error: { code: 'if_match_required' } },
  });
  await change(walking, seen, {
    ...late,
    path: '/items',
    text: 'another tab changes an older one: refused, with the cart of now',
    status: 409,
    body: { success: false, error: { code: 'cart_version_conflict' }, cart: { version: now.version } },
  });
}

/** @param {Walking} walking @param {Cart} filled @returns {Promise<Asked>} */
export async function askForPayment(walking, filled) {
  const { wire } = walking;
  await wire.visitor.ask({
    path: '/checkout/payment-methods',
    text: "CHIP's ways to pay, kept for a while",
    body: { payment_methods: [{ id: /./, name: /./, group: /./ }] },
  });
  const purchase = await checkOut(walking, filled, 'the cart is frozen and its page opens at CHIP');
  const again = await checkOut(walking, filled, 'a second click: the same page');
  if (again.reused_intent !== true || again.purchase_id !== purchase.purchase_id)
    throw new PlainFailure('A second purchase was made for the same cart.');
  await diagnosed(walking, filled, {
    text: 'it stands',
    has_intent: true,
    valid: true,
    reason: 'none',
    status: 'created',
  });
  /** @type {Cart} */
  const cart = await wire.visitor.ask({
    path: `/carts/${filled.id}`,
    text: 'what was frozen is noted on the cart',
    body: { version: filled.version + 1, metadata: { payment_intent: frozenAs(purchase, filled.version + 1) } },
  });
  const asked = { cart, purchase, total: DISCOUNTED, followed: await walking.find(purchase.purchase_id) };
  await untilOpen(asked);
  return asked;
}

/** @param {Asked} asked */
export const untilOpen = ({ followed }) =>
  followed.until({
    what: 'the payment to be open',
    holds: ({ facts }) => facts.some(({ type }) => type === 'payment.opened'),
  });

/** The seed's snapshot. @param {Purchase} purchase @param {number} cart_version */
const frozenAs = ({ purchase_id, checkout_url, reference }, cart_version) => ({
  purchase_id,
  amount: DISCOUNTED,
  cart_version,
  cart_snapshot: { totals: { subtotal: 11_200, total: DISCOUNTED, savings: 1_500 } },
  created_at: /^\d{4}-/,
  status: 'created',
  checkout_url,
  reference,
});

/** @param {Walking} walking @param {Cart} cart @param {string} text @returns {Promise<Purchase>} */
export const checkOut = ({ wire, email }, { id }, text) =>
  wire.visitor.ask({
    method: 'POST',
    path: '/checkout',
    json: { cart_id: id, customer: { ...CUSTOMER, email } },
    text,
    body: { success: true, purchase_id: /^[\da-f-]{36}$/, checkout_url: /^http/, reference: id },
  });

const CUSTOMER = {
  name: 'Mei Chan',
  phone: '+60123456789',
  street1: '12 Jalan Telawi',
  city: 'Kuala Lumpur',
  zip_code: '59100',
  country: 'MY',
};

/** @param {Walking} walking @param {Cart} cart @param {{ text: string } & Record<string, unknown>} expected */
export const diagnosed = ({ wire }, { id }, { text, ...body }) =>
  wire.visitor.ask({ path: `/carts/${id}/payment-intent`, text, body });
