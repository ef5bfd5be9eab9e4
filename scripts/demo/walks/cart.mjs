// @ts-check
// The shop: a cart that two tabs cannot spoil, frozen when its payment is asked for, paid on CHIP's page, ordered once.
import { changeCart, failFirst, payAtOnce, payUnheard } from './cart-acts.mjs';
import { askForPayment, fill } from './cart-checkout.mjs';

/** @typedef {import('../walk.mjs').Walking} Walking */
/** @typedef {(walking: Walking, asked: import('./cart-checkout.mjs').Asked) => Promise<import('../walk.mjs').Ended[]>} Turn */

/** @type {Record<Walking['road'], Turn>} */
const TURNS = { happy: payAtOnce, 'change-cart': changeCart, 'late-webhook': payUnheard, failed: failFirst };

/** @type {import('../walk.mjs').Walk} */
export const cartWalk = {
  gateway: 'chip',
  title: "a shop's cart, paid on CHIP's page",
  story: 'A cart is filled, gets a voucher, is frozen when its payment is asked for, and becomes one order.',
  act: async (walking) => TURNS[walking.road](walking, await askForPayment(walking, await fill(walking))),
};
