// @ts-check
// Which road the demo takes, from its command line.
import { parseArgs } from 'node:util';

import { PlainFailure } from '../parts/failure.mjs';

const CARDS = /** @type {const} */ (['declined', 'insufficient', '3ds']);
const STOREFRONTS = /** @type {const} */ (['trektoo', 'airport', 'dreamscape', 'travello']);
const TURNS = /** @type {const} */ (['sold-out', 'price-change', 'no-balance', 'lost-webhook']);

/** @typedef {'happy' | typeof CARDS[number] | typeof TURNS[number]} RoadName */
/** @typedef {typeof STOREFRONTS[number]} StorefrontName */

export const USAGE = `npm run demo                          books one Klook activity, from click to voucher
npm run demo -- --card declined       the bank says no; another card pays
npm run demo -- --card insufficient   the card is empty; another card pays
npm run demo -- --card 3ds            the bank asks the customer first
npm run demo -- --sold-out            the last seat is gone after the payment: all the money goes back
npm run demo -- --price-change        the price rises after the payment: all the money goes back
npm run demo -- --no-balance          our Klook balance is empty; it goes on after a top-up
npm run demo -- --lost-webhook        Stripe's webhook never comes; polling finds the payment (a minute)

npm run demo -- --storefront airport      airport services: what goes over the wire, from the list of services to the status
npm run demo -- --storefront dreamscape   payments for another service's bookings: two refunds, a cancellation, events
npm run demo -- --storefront travello     hotel stays: Stripe's page, paying on arrival, rupees that become dollars`;

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ storefront: StorefrontName, road: RoadName, help: boolean }}
 */
export function readOptions(args, env = process.env) {
  refuseSwallowed(env);
  const { help = false, card, storefront = 'trektoo', ...turns } = parsed(args);
  const chosen = TURNS.filter((name) => turns[name]);
  if (card !== undefined && !isCard(card)) {
    throw new PlainFailure(`--card is one of ${CARDS.join(', ')}, not ${card}.`);
  }
  if (!isStorefront(storefront)) {
    throw new PlainFailure(`--storefront is one of ${STOREFRONTS.join(', ')}, not ${storefront}.`);
  }
  const [road = 'happy', ...more] = [...(card === undefined ? [] : [card]), ...chosen];
  if (more.length > 0) throw new PlainFailure('The demo takes one road at a time: give one option.');
  if (storefront !== 'trektoo' && road !== 'happy') {
    throw new PlainFailure(`The roads are those of trektoo; with --storefront ${storefront} give no other option.`);
  }
  return { storefront, road, help };
}

/** @param {string[]} args */
function parsed(args) {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        card: { type: 'string' },
        storefront: { type: 'string' },
        'sold-out': flag,
        'price-change': flag,
        'no-balance': flag,
        'lost-webhook': flag,
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlainFailure(`${reason}\n\n${USAGE}`);
  }
}

/**
 * @param {string} text
 * @returns {text is typeof CARDS[number]}
 */
function isCard(text) {
  return CARDS.some((card) => card === text);
}

/**
 * @param {string} text
 * @returns {text is StorefrontName}
 */
function isStorefront(text) {
  return STOREFRONTS.some((name) => name === text);
}

/**
 * npm keeps options given before `--` for itself: without a word the happy road would be shown instead.
 * @param {NodeJS.ProcessEnv} env
 */
function refuseSwallowed(env) {
  const swallowed = ['card', 'storefront', ...TURNS].find((name) => {
    const kept = env[`npm_config_${name.replaceAll('-', '_')}`];
    return kept !== undefined && kept !== '' && kept !== 'false';
  });
  if (swallowed === undefined) return;
  throw new PlainFailure(
    `npm kept --${swallowed} for itself: put two dashes before it, npm run demo -- --${swallowed}.`,
  );
}
