// @ts-check
// How a frozen cart comes to its payment: at once, after it changed, with nobody telling of it, or at the second try.
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure } from '../../parts/failure.mjs';
import { payOnChip, press, visit } from '../chip-page.mjs';
import { change, checkOut, diagnosed, untilOpen } from './cart-checkout.mjs';
import { closed, ordered } from './cart-ending.mjs';

const LOOK_AGAIN_EVERY_MS = 500;
const LOOKS = 30;

/** @typedef {import('../walk.mjs').Walking} Walking */
/** @typedef {import('../walk.mjs').Ended} Ended */
/** @typedef {import('./cart-checkout.mjs').Asked} Asked */
/** @typedef {import('./cart-checkout.mjs').Purchase} Purchase */
/** @typedef {{ outcome: 'paid' | 'failed', method: string, link: 'success' | 'failure' }} Payment */

/** @type {Payment} */
const PAID_BY_BANK = { outcome: 'paid', method: 'fpx', link: 'success' };

/** @param {Walking} walking @param {Asked} asked @returns {Promise<Ended[]>} */
export async function payAtOnce(walking, asked) {
  await pay(walking, asked.purchase, PAID_BY_BANK);
  await untilBoth(asked);
  return [await ordered(walking, asked)];
}

/**
 * The one page that can be paid is always the newest, and what it was made for is what is ordered.
 * @param {Walking} walking
 * @param {Asked} asked
 * @returns {Promise<Ended[]>}
 */
export async function changeCart(walking, asked) {
  const { cart, purchase } = asked;
  const bought = await change(walking, cart, {
    method: 'POST',
    path: '/items',
    json: { product_id: 'enamel-mug', quantity: 1 },
    text: 'the customer thinks again: a mug goes in',
    status: 201,
  });
  const changed = { valid: false, reason: 'cart_changed', cart_changed_since_intent: true };
  await diagnosed(walking, cart, { text: 'the page at CHIP is for another cart', has_intent: true, ...changed });
  const fresh = await checkOut(walking, cart, 'the old purchase is closed at CHIP, then a fresh one is made');
  if (fresh.reused_intent === true || fresh.purchase_id === purchase.purchase_id)
    throw new PlainFailure('The purchase of the cart before it changed was given again.');
  await asked.followed.until({
    what: 'the replaced booking to be closed',
    holds: ({ booking, webhooks }) =>
      booking.status === 'cancelled' && webhooks.some(({ type }) => type === 'purchase.cancelled'),
  });
  await refusedOnOldPage(walking, purchase);
  const { total } = bought.totals;
  const second = { ...asked, purchase: fresh, total, followed: await walking.find(fresh.purchase_id) };
  await untilOpen(second);
  await dropVoucher(walking, second);
  await pay(walking, fresh, PAID_BY_BANK);
  await untilBoth(second);
  return [await closed(walking, asked), await ordered(walking, second)];
}

/** @param {Walking} walking @param {Purchase} old */
async function refusedOnOldPage({ screen }, { checkout_url: url }) {
  const { sentAt, ms, httpStatus } = await press(url, PAID_BY_BANK);
  const detail = `${httpStatus} in ${ms} ms`;
  screen.step({ at: sentAt, who: 'customer', text: 'presses "Pay" on the old page, still open in a tab', detail });
  if (httpStatus !== 410)
    throw new PlainFailure(`The old page answered ${httpStatus}, not 410: it could still be paid.`);
}

/** @param {Walking} walking @param {Asked} asked with the purchase that is going to be paid */
async function dropVoucher(walking, { cart, total }) {
  const { version } = await walking.wire.visitor.ask({ path: `/carts/${cart.id}`, text: 'how it stands' });
  const { totals } = await change(
    walking,
    { ...cart, version },
    {
      method: 'DELETE',
      path: '/conditions/RM15OFF',
      text: 'in another tab the voucher is taken off, with the page at CHIP open',
    },
  );
  if (totals.total <= total) throw new PlainFailure('The cart must be dearer without its voucher.');
}

/**
 * Neither callback nor webhook: whoever comes back to the shop brings the news.
 * @param {Walking} walking
 * @param {Asked} asked
 * @returns {Promise<Ended[]>}
 */
export async function payUnheard(walking, asked) {
  const { screen, standIns, wire } = walking;
  const { purchase, followed } = asked;
  const before = await standIns.chip.news();
  walking.afterwards(() => standIns.chip.tell(before));
  await standIns.chip.tell({ callbacks: 'none', webhooks: 'none' });
  screen.step({ at: Date.now(), who: 'chip', text: 'tells nobody of payments from now on' });
  await pay(walking, purchase, PAID_BY_BANK);
  await untilPageSays(walking, asked);
  const { webhooks } = await followed.until({
    what: 'the booking to be confirmed',
    holds: ({ booking }) => booking.status === 'confirmed',
  });
  // That a purchase was made it had told before; nobody needs to hear of that.
  if (webhooks.some(({ state }) => state !== 'ignored')) throw new PlainFailure('CHIP told of the payment after all.');
  screen.step({ at: Date.now(), who: 'demo', text: 'ordered by the page alone: CHIP has told of nothing' });
  await standIns.chip.tell(before);
  await wire.visitor.ask({
    method: 'POST',
    path: '/dev/webhooks/chip/purchase.paid',
    json: { purchase_id: purchase.purchase_id, channel: 'both' },
    text: 'now both come, late',
  });
  await untilBoth(asked);
  return [await ordered(walking, asked)];
}

/** @param {Walking} walking @param {Asked} asked */
async function untilPageSays({ screen, wire }, { cart }) {
  for (let look = 1; ; look += 1) {
    /** @type {{ isCompleted: boolean, isPending: boolean }} */
    const { isCompleted, isPending } = await wire.visitor.ask({
      path: `/checkout/success/${cart.id}`,
      headers: { Accept: 'application/json' },
      text: 'CHIP is asked before anything is claimed',
    });
    if (isCompleted) return;
    if (!isPending || look === LOOKS || !screen.isOpen())
      throw new PlainFailure('The page that the customer came back to did not find the payment.');
    await sleep(LOOK_AGAIN_EVERY_MS);
  }
}

/**
 * The bank says no, the page of the shop says so and no more, and the same page at CHIP takes another method.
 * @param {Walking} walking
 * @param {Asked} asked
 * @returns {Promise<Ended[]>}
 */
export async function failFirst(walking, asked) {
  const { cart, purchase, followed } = asked;
  await pay(walking, purchase, { outcome: 'failed', method: 'fpx', link: 'failure' });
  await walking.wire.visitor.ask({
    path: `/checkout/failure/${cart.id}`,
    headers: { Accept: 'application/json' },
    text: 'nothing was paid',
    body: { order: null, payment: { status: 'failed', paid_at: null }, isCompleted: false, isPending: false },
  });
  await followed.until({
    what: 'the letter about the payment that failed',
    holds: ({ booking, letters }) =>
      booking.status === 'awaiting_payment' && letters.some(({ subject }) => subject.includes('did not go through')),
  });
  await diagnosed(walking, cart, { text: 'the page at CHIP still stands', has_intent: true, valid: true });
  await pay(walking, purchase, { outcome: 'paid', method: 'duitnow_qr', link: 'success' });
  await untilBoth(asked);
  return [await ordered(walking, asked)];
}

/**
 * On CHIP's page, and back where it sends the browser.
 * @param {Walking} walking
 * @param {Purchase} purchase
 * @param {Payment} payment
 */
async function pay({ screen, stack }, { checkout_url: url, reference }, { link, ...choice }) {
  const { sentAt, ms, httpStatus, location } = await payOnChip(url, choice);
  const text = `${choice.method} on CHIP's page: ${choice.outcome}`;
  screen.step({ at: sentAt, who: 'customer', text, detail: `${httpStatus} in ${ms} ms` });
  const expected = `${stack.urls.api}/checkout/${link}/${reference}`;
  if (location !== expected) throw new PlainFailure(`CHIP's page led to ${location ?? 'nowhere'}, not to ${expected}.`);
  const page = await visit(expected);
  screen.step({
    at: page.sentAt,
    who: 'customer',
    text: `is back on /checkout/${link}/...: "${page.heading}"`,
    detail: `${page.httpStatus} in ${page.ms} ms`,
  });
  const promise = choice.outcome === 'paid' ? /paid|waiting for your bank/ : /^Nothing was paid/;
  if (!promise.test(page.heading))
    throw new PlainFailure(`The page says "${page.heading}" of a payment that ${choice.outcome}.`);
}

/**
 * Until the order is placed and both of CHIP's channels have told of its payment.
 * @param {Asked} asked
 */
const untilBoth = ({ followed }) =>
  followed.until({
    what: 'the order, and both words of CHIP about it',
    holds: ({ booking, webhooks }) =>
      booking.status === 'confirmed' &&
      webhooks.filter(({ type, state }) => type === 'purchase.paid' && state !== 'pending').length >= 2,
  });
