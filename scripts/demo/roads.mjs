// @ts-check
// The roads a booking may take, each from the open payment to the state that SPEC promises for it.
import { PRICE } from './order.mjs';
import { CARDS, passChallenge, presentCard } from './stripe-page.mjs';

/**
 * @typedef {object} Scene
 * @property {import('./screen.mjs').Screen} screen
 * @property {import('./stack.mjs').Stack} stack
 * @property {import('./stand-ins.mjs').StandIns} standIns
 * @property {import('./shop.mjs').Visitor} customer
 * @property {import('./shop.mjs').Visitor} staff
 * @property {string} email
 * @property {(undo: () => Promise<unknown>) => void} afterwards notes what must be put back, whatever happens
 */

/**
 * @typedef {object} Opened
 * @property {import('./shop.mjs').Intent} intent
 * @property {import('./following.mjs').Follower} follower
 */

/** @typedef {Scene & Opened} Play */

/**
 * @typedef {object} Road
 * @property {string} title
 * @property {string} story
 * @property {'confirmed' | 'refunded'} ending
 * @property {number} declines how many cards are refused on the way
 * @property {number} [patienceMs] until the end, when it takes long
 * @property {(scene: Scene) => Promise<string>} [stockUp] puts something of its own on sale and names its SKU
 * @property {(play: Play) => Promise<void>} act
 */

const SKU = '3001';
const LAST_SEAT = '3901';
const DEARER = '3902';
const ATTENTION_WITHIN_MS = 30_000;
const POLLED_WITHIN_MS = 120_000;

/** @type {Record<import('./options.mjs').RoadName, Road>} */
export const ROADS = {
  happy: {
    title: 'one Klook activity, from click to voucher',
    story: 'The card is good and Klook has seats.',
    ending: 'confirmed',
    declines: 0,
    act: (play) => pay(play, CARDS.good),
  },
  declined: {
    title: 'the bank declines the first card',
    story: 'The booking stays open; another card pays the same intent, once.',
    ending: 'confirmed',
    declines: 1,
    act: (play) => payAtSecondTry(play, CARDS.declined),
  },
  insufficient: {
    title: 'the first card is empty',
    story: 'The booking stays open; another card pays the same intent, once.',
    ending: 'confirmed',
    declines: 1,
    act: (play) => payAtSecondTry(play, CARDS.insufficient),
  },
  '3ds': {
    title: 'the bank asks the customer first (3-D Secure)',
    story: 'Nothing is paid before the page of the bank is passed.',
    ending: 'confirmed',
    declines: 0,
    act: payWithChallenge,
  },
  'sold-out': {
    title: 'sold out after the payment',
    story: 'Somebody else takes the last seats while the card is typed in: all the money goes back.',
    ending: 'refunded',
    declines: 0,
    stockUp: (scene) => putOnSale(scene, LAST_SEAT, { stock: PRICE.count }),
    act: async (play) => {
      await play.standIns.klook.changeCatalogue({ sku_id: LAST_SEAT, stock: 0 });
      tell(play, 'klook', `the last ${PRICE.count} seats are sold to somebody else`);
      await pay(play, CARDS.good);
    },
  },
  'price-change': {
    title: 'the price rises after the payment',
    story: 'Klook asks half as much again, beyond PRICE_TOLERANCE: all the money goes back.',
    ending: 'refunded',
    declines: 0,
    stockUp: (scene) => putOnSale(scene, DEARER, { stock: null }),
    act: async (play) => {
      await play.standIns.klook.changeCatalogue({ sku_id: DEARER, price: '63.75' });
      tell(play, 'klook', `the price rises from ${PRICE.unitNet} to 63.75`);
      await pay(play, CARDS.good);
    },
  },
  'no-balance': {
    title: 'our prepaid balance at Klook is empty',
    story: 'The booking waits for a person, and goes on by itself once there is money again.',
    ending: 'confirmed',
    declines: 0,
    act: payWithoutBalance,
  },
  'lost-webhook': {
    title: "Stripe's webhook is lost for ever",
    story: 'Nobody tells us of the payment; the first poll after a minute finds it.',
    ending: 'confirmed',
    declines: 0,
    patienceMs: POLLED_WITHIN_MS,
    act: payUnheard,
  },
};

/** @param {Road} road @param {Scene} scene */
export const skuFor = (road, scene) => road.stockUp?.(scene) ?? Promise.resolve(SKU);

/**
 * Sold by this demo alone, so that nobody else's booking is disturbed; withdrawn in the end.
 * @param {Scene} scene
 * @param {string} skuId
 * @param {{ stock: number | null }} stock
 */
async function putOnSale({ standIns, afterwards }, skuId, stock) {
  const { changeCatalogue } = standIns.klook;
  const sku = { sku_id: skuId, package_id: '2001', name: 'Adult (demo)', price: PRICE.unitNet };
  await changeCatalogue({ ...sku, ...stock, published: true });
  afterwards(() => changeCatalogue({ sku_id: skuId, published: false }));
  return skuId;
}

/** @param {Play} play @param {string} number */
async function pay(play, number) {
  const answer = await present(play, number);
  if (answer.kind !== 'accepted') throw new Error(`the card ${number} was ${answer.kind}`);
}

/** @param {Play} play @param {string} badCard */
async function payAtSecondTry(play, badCard) {
  const answer = await present(play, badCard);
  if (answer.kind !== 'declined') throw new Error(`the card ${badCard} was ${answer.kind}`);
  const { order } = await play.follower.until({
    what: 'the letter about the decline',
    holds: ({ order: { booking_status: status }, letters }) => status === 'awaiting_payment' && letters.length > 0,
  });
  tell(play, 'customer', 'tries again with another card', `booking ${order.booking_status}, same payment intent`);
  await pay(play, CARDS.good);
}

/** @param {Play} play */
async function payWithChallenge(play) {
  const answer = await present(play, CARDS['3ds']);
  if (answer.kind !== 'challenged') throw new Error(`the card was ${answer.kind}, not challenged`);
  await play.follower.until({
    what: 'the booking to know about the challenge',
    holds: ({ timeline }) => timeline.facts.some(({ type }) => type === 'payment.action_required'),
  });
  const passed = await passChallenge(answer.url);
  play.screen.step({ at: passed.sentAt, who: 'bank', text: 'the customer passes the page of the bank', detail: answer.url });
}

/** @param {Play} play */
async function payWithoutBalance(play) {
  const { klook } = play.standIns;
  const { body } = await play.staff.get('/api/klook/balance');
  const { data } = /** @type {{ data: { balance: string, currency: string } }} */ (body);
  await klook.changeBalance({ set: '0.00' });
  let isEmpty = true;
  const topUp = async () => {
    if (isEmpty) await klook.changeBalance({ topup: data.balance });
    isEmpty = false;
  };
  play.afterwards(topUp);
  tell(play, 'klook', `our balance drops from ${data.currency} ${data.balance} to nothing`);
  await pay(play, CARDS.good);
  await play.follower.until({
    what: 'staff to be told',
    withinMs: ATTENTION_WITHIN_MS,
    holds: ({ order, letters }) =>
      order.booking_status === 'needs_attention' && letters.some(({ subject }) => subject.startsWith('Needs attention')),
  });
  await topUp();
  tell(play, 'staff', `tops the balance up again with ${data.currency} ${data.balance}`);
  const { sentAt, ms } = await play.staff.post(`/api/payments/klook/${play.intent.booking_id}/retry`, {});
  play.screen.step({
    at: sentAt,
    who: 'staff',
    text: 'does not wait for the next try by itself (every 5 min): POST .../retry',
    detail: `200 in ${ms} ms`,
  });
}

/** @param {Play} play */
async function payUnheard(play) {
  const loss = await play.standIns.stripe.loseNext(['payment_intent.succeeded', 'charge.updated']);
  play.afterwards(loss.forget);
  tell(play, 'stripe', 'will lose the webhooks of this payment');
  await pay(play, CARDS.good);
  await play.follower.until({
    what: 'the first poll of the gateway, a minute after the payment was opened',
    withinMs: POLLED_WITHIN_MS,
    holds: ({ timeline }) => timeline.facts.some(({ type }) => type === 'payment.captured'),
  });
  tell(play, 'demo', `found by polling; webhooks lost: ${await loss.lost()}`);
}

/** @param {Play} play @param {string} number */
async function present(play, number) {
  const { screen, stack, intent, email } = play;
  const returnUrl = `${stack.urls.api}/payment-success`;
  const answer = await presentCard(stack.urls.stripe, { intent, number, email, returnUrl });
  const { sentAt, ms, httpStatus } = answer;
  screen.step({ at: sentAt, who: 'customer', text: `card ${number.replaceAll(/(.{4})(?=.)/g, '$1 ')} at Stripe: ${outcomeOf(answer)}`, detail: `${httpStatus} in ${ms} ms` });
  return answer;
}

/** @param {import('./stripe-page.mjs').CardAnswer} answer */
function outcomeOf(answer) {
  if (answer.kind === 'declined') return `${answer.message} [${answer.code}]`;
  return answer.kind === 'challenged' ? 'the bank asks for 3-D Secure' : answer.status;
}

/**
 * @param {Scene} scene
 * @param {import('./screen.mjs').Who} who
 * @param {string} text
 * @param {string} [detail]
 */
function tell({ screen }, who, text, detail) {
  screen.step({ at: Date.now(), who, text, ...(detail && { detail }) });
}
