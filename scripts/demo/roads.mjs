// @ts-check
// The roads a booking may take, each from the open payment to the state that SPEC promises for it.
import { pay, payAtSecondTry, payUnheard, payWithChallenge, payWithoutBalance, tell } from './acts.mjs';
import { PRICE } from './order.mjs';
import { CARDS } from './stripe-page.mjs';

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
 * @property {(scene: Scene) => Promise<string>} [stockUp] puts something of its own on sale and names its SKU
 * @property {(play: Play) => Promise<void>} act
 */

const SKU = '3001';
const LAST_SEAT = '3901';
const DEARER = '3902';

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
      tell(play, { who: 'klook', text: `the last ${PRICE.count} seats are sold to somebody else` });
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
      tell(play, { who: 'klook', text: `the price rises from ${PRICE.unitNet} to 63.75` });
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
