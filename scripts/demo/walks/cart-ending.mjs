// @ts-check
// What must be true of a cart that was paid for, and of a purchase that was replaced.
import { visit } from '../chip-page.mjs';

/** @typedef {import('../walk.mjs').Walking} Walking */
/** @typedef {import('../walk.mjs').Ended} Ended */
/** @typedef {import('./cart-checkout.mjs').Asked} Asked */
/** @typedef {{ order_number: string }} Order */

const GOODS = [
  { product_id: 'batik-tote', quantity: 1, price: 4_500 },
  { product_id: 'kopi-blend', quantity: 2, price: 3_350 },
];
/** @type {Partial<Record<Walking['road'], typeof GOODS>>} */
const BOUGHT = { 'change-cart': [...GOODS, { product_id: 'enamel-mug', quantity: 1, price: 1_990 }] };

/** What CHIP says of a purchase on which nobody can pay any more. */
const CLOSED = 'cancelled';

/**
 * Shows the order to who holds its cart, and says where everything must have come to.
 * @param {Walking} walking
 * @param {Asked} asked
 * @returns {Promise<Ended>}
 */
export async function ordered(walking, { cart, purchase, total, followed }) {
  const { wire, standIns, stack } = walking;
  const { letters, facts, booking } = await followed.until({
    what: 'the letter with its receipt',
    holds: (seen) => seen.letters.some(isConfirmation),
  });
  /** @type {{ order: Order }} */
  const { order } = await wire.visitor.ask({
    path: `/checkout/success/${cart.id}`,
    headers: { Accept: 'application/json' },
    text: 'who has only the link sees whose it is in outline',
    body: {
      order: { status: 'completed', total, currency: 'MYR' },
      payment: { status: 'completed', gateway_payment_id: purchase.purchase_id, amount: total },
      customerSnapshot: { name: /•/, email: /•/ },
      isCompleted: true,
      isPending: false,
    },
  });
  await showOrder(walking, { id: cart.id, number: order.order_number, total, purchaseId: purchase.purchase_id });
  const [page, purchases] = await Promise.all([
    visit(`${stack.urls.api}/checkout/success/${cart.id}`),
    standIns.chip.purchasesFor(cart.id),
  ]);
  const captures = facts.filter(({ type }) => type === 'payment.captured').length;
  const others = purchases.filter(({ id }) => id !== purchase.purchase_id).map(({ status }) => status);
  return {
    followed,
    ending: {
      name: 'The order',
      status: 'confirmed',
      captured: total,
      refunded: 0,
      intentIds: [purchase.purchase_id],
      topics: ['order.paid'],
    },
    also: [
      { ok: page.heading.startsWith('Thank you'), text: `The order: its page says "${page.heading}"` },
      { ok: order.order_number === booking.number, text: `The order: one number, ${order.order_number}, once` },
      { ok: captures === 1, text: `The order: its payment was recorded ${captures} time(s)` },
      {
        ok: others.every((status) => status === CLOSED),
        text: `The order: other purchases of its cart at CHIP: ${others.join(', ') || 'none'}`,
      },
      { ok: letters.filter(isConfirmation).length === 1, text: 'The order: one letter with its receipt' },
    ],
  };
}

/**
 * @param {Walking} walking
 * @param {{ id: string, number: string, total: number, purchaseId: string }} placed
 */
async function showOrder({ wire, email, road }, { id, number, total, purchaseId }) {
  await wire.visitor.ask({
    path: `/orders/${number}`,
    headers: { 'X-Cart-Id': id },
    text: 'in full, for who holds its cart',
    body: {
      order_number: number,
      status: 'completed',
      total,
      items: BOUGHT[road] ?? GOODS,
      address: { email, country: 'MY' },
      payments: [{ status: 'completed', gateway: 'chip', gateway_payment_id: purchaseId, amount: total }],
      status_history: [{ status: 'pending' }, { status: 'completed' }],
    },
  });
  await wire.visitor.ask({
    path: `/orders/${number}`,
    text: 'for nobody else there is one',
    status: 404,
    body: { success: false },
  });
  await wire.visitor.ask({
    path: `/carts/${id}`,
    text: 'what was bought is out of the cart',
    body: { items: [], totals: { total: 0 }, metadata: { payment_intent: { status: 'paid' } } },
  });
}

/**
 * @param {Walking} walking
 * @param {Asked} asked whose purchase was replaced
 * @returns {Promise<Ended>}
 */
export async function closed({ standIns }, { cart, purchase, followed }) {
  const all = await standIns.chip.purchasesFor(cart.id);
  const status = all.find(({ id }) => id === purchase.purchase_id)?.status ?? 'unknown';
  const { letters } = await followed.until({ what: 'its end', holds: ({ booking }) => booking.status === 'cancelled' });
  const name = 'The cart before it changed';
  return {
    followed,
    ending: { name, status: 'cancelled', captured: 0, refunded: 0, intentIds: [purchase.purchase_id], topics: [] },
    also: [
      { ok: status === CLOSED, text: `${name}: its purchase at CHIP is ${status}` },
      {
        ok: letters.length === 0,
        text: `${name}: letters about it, whose customer only went on shopping: ${letters.length}`,
      },
    ],
  };
}

/** @param {import('../following.mjs').OpenedLetter} letter */
const isConfirmation = ({ subject, pdfs }) => subject.includes('is confirmed') && pdfs > 0;
