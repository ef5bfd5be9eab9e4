// @ts-check
// Walks the flow of one storefront's seed: shows what goes over the wire, follows each booking to its end, checks the books.
import { randomBytes } from 'node:crypto';

import { PlainFailure } from '../parts/failure.mjs';
import { follow, sidesOf } from './following.mjs';
import { mustCall } from './http.mjs';
import { signIn } from './shop.mjs';
import { createStandIns } from './stand-ins.mjs';
import { presentCard } from './stripe-page.mjs';
import { closeWalk } from './walk-closing.mjs';
import { airportWalk } from './walks/airport.mjs';
import { cartWalk } from './walks/cart.mjs';
import { dreamscapeWalk } from './walks/dreamscape.mjs';
import { travelloWalk } from './walks/travello.mjs';
import { wireOf } from './wire.mjs';

/** @typedef {import('./screen.mjs').Screen} Screen */
/** @typedef {import('./stack.mjs').Stack} Stack */
/** @typedef {import('./following.mjs').Sides} Sides */

/**
 * A booking as staff see it on the native API.
 * @typedef {object} StaffView
 * @property {string} id
 * @property {string} number
 * @property {string} status
 * @property {string} currency
 * @property {number} captured minor units, like the others
 * @property {number} refunded
 * @property {{ amount: number, currency: string } | null} profit
 */

/** @typedef {Sides & { booking: StaffView }} WalkSeen */
/** @typedef {import('./following.mjs').Awaited<WalkSeen>} WalkAwaited */

/**
 * Where a booking must end.
 * @typedef {object} Ending
 * @property {string} name
 * @property {string} status
 * @property {number} captured minor units
 * @property {number} refunded minor units
 * @property {readonly string[]} intentIds those that were paid with or could have been; none when nothing was asked of the gateway
 * @property {readonly string[]} topics of the events that other services hear, in their order
 */

/** @typedef {{ id: string, until: (awaited: WalkAwaited) => Promise<WalkSeen> }} Followed */
/** @typedef {{ followed: Followed, ending: Ending, also?: readonly import('./ending.mjs').Check[] }} Ended */

/**
 * @typedef {object} Walking
 * @property {Gateway} gateway
 * @property {'happy' | import('./options.mjs').CartTurn} road
 * @property {Screen} screen
 * @property {Stack} stack
 * @property {import('./stand-ins.mjs').StandIns} standIns
 * @property {string} run tells this walk from others
 * @property {string} customerId the `sub` of the customer's token
 * @property {string} email the customer's
 * @property {Record<'customer' | 'staff' | 'service' | 'visitor', import('./wire.mjs').Wire>} wire by who asks
 * @property {(undo: () => Promise<unknown>) => void} afterwards notes what must be put back, whatever happens
 * @property {(query: string) => Promise<Followed>} find a booking, by what staff would search for
 * @property {(intent: CardIntent, number: string) => Promise<import('./stripe-page.mjs').CardAnswer>} present a card
 */

/** @typedef {{ paymentIntentId: string, clientSecret: string }} CardIntent */
/** @typedef {import('./wording.mjs').Gateway} Gateway */

/**
 * @typedef {object} Walk
 * @property {Gateway} gateway
 * @property {string} title
 * @property {string} story
 * @property {(walking: Walking) => Promise<Ended[]>} act
 */

/** @type {Record<import('./options.mjs').WalkName, Walk>} */
const WALKS = { airport: airportWalk, dreamscape: dreamscapeWalk, travello: travelloWalk, cart: cartWalk };

/**
 * @param {Pick<Walking, 'road' | 'screen' | 'stack' | 'afterwards'> & { storefront: keyof typeof WALKS }} given
 * @returns {Promise<number>} the exit code
 */
export async function performWalk({ storefront, ...given }) {
  const { screen, stack } = given;
  const walk = WALKS[storefront];
  screen.title(`Holdfast demo: ${walk.title}`);
  screen.facts([
    ['story', walk.story],
    ['stack', `${stack.urls.api} (${stack.ours ? 'started by this demo' : 'was running'})`],
    ['wire', '> what is sent, < what is answered; every answer is checked'],
  ]);
  screen.section('What happens');
  screen.begin();
  const walking = await enter(storefront, { ...given, gateway: walk.gateway });
  const checks = await closeWalk(walking, await walk.act(walking));
  screen.section('Checked');
  for (const check of checks) screen.check(check);
  const broken = checks.find(({ ok }) => !ok);
  if (broken) throw new PlainFailure(`The demo did not end as it must: ${broken.text}.`);
  return 0;
}

/**
 * @param {string} storefront
 * @param {Pick<Walking, 'gateway' | 'road' | 'screen' | 'stack' | 'afterwards'>} given
 * @returns {Promise<Walking>}
 */
async function enter(storefront, given) {
  const { screen, stack } = given;
  const { api } = stack.urls;
  const run = randomBytes(4).toString('hex');
  const customerId = `demo-${run}`;
  const email = `mei.chan+${run}@example.com`;
  const [customer, service, staff, publishableKey] = await Promise.all([
    signIn(api, { sub: customerId, role: 'customer', email }),
    signIn(api, { sub: 'demo-service', role: 'service' }),
    signIn(api, { sub: 'demo-staff', role: 'staff' }),
    publishableKeyOf(api),
  ]);
  const standIns = createStandIns(stack);
  const wire = {
    customer: wireOf(screen, api, { who: 'customer', token: customer.answer.body.token }),
    staff: wireOf(screen, api, { who: 'staff', token: staff.answer.body.token }),
    service: wireOf(screen, api, { who: 'service', token: service.answer.body.token }),
    visitor: wireOf(screen, api, { who: 'customer' }),
  };
  return {
    ...given,
    standIns,
    run,
    customerId,
    email,
    wire,
    find: (query) => findBooking({ screen, storefront, staff: staff.visitor, standIns, email }, query),
    present: (intent, number) => present({ screen, stack, email, publishableKey }, intent, number),
  };
}

/**
 * A frontend knows it from its own settings.
 * @param {string} api
 */
async function publishableKeyOf(api) {
  /** @type {import('./http.mjs').Answer<{ data: { publishableKey: string } }>} */
  const { body } = await mustCall(`${api}/api/v1/payment/config`);
  return body.data.publishableKey;
}

/**
 * @param {{ storefront: string, staff: import('./shop.mjs').Visitor } & Pick<Walking, 'screen' | 'standIns' | 'email'>} scene
 * @param {string} query
 * @returns {Promise<Followed>}
 */
async function findBooking({ screen, storefront, staff, standIns, email }, query) {
  /** @type {import('./http.mjs').Answer<{ items: { id: string, number: string }[] }>} */
  const { body } = await staff.get(`/v1/bookings?storefront=${storefront}&q=${encodeURIComponent(query)}`);
  const [found] = body.items;
  if (!found) throw new PlainFailure(`Staff do not find the booking by ${query}.`);
  const { id, number } = found;
  const lookAround = sidesOf({ screen, mail: standIns.mail, staff, booking: { id, number, email } });
  const look = async () => {
    /** @type {[import('./http.mjs').Answer<StaffView>, Sides]} */
    const [answer, sides] = await Promise.all([staff.get(`/v1/bookings/${id}`), lookAround()]);
    // One customer books several times in a walk.
    const letters = sides.letters.filter(({ subject }) => subject.includes(number));
    return { booking: answer.body, ...sides, letters };
  };
  return { id, ...follow(screen, { look, standing: ({ booking }) => `the booking is ${booking.status}` }) };
}

/**
 * @param {Pick<Walking, 'screen' | 'stack' | 'email'> & { publishableKey: string }} scene
 * @param {CardIntent} intent
 * @param {string} number
 */
async function present({ screen, stack, email, publishableKey }, { paymentIntentId, clientSecret }, number) {
  const answer = await presentCard(stack.urls.stripe, {
    intent: {
      payment_intent_id: paymentIntentId,
      client_secret: clientSecret,
      publishable_key: publishableKey,
    },
    number,
    email,
    returnUrl: `${stack.urls.api}/payment-success`,
  });
  const outcome = answer.kind === 'declined' ? `${answer.message} [${answer.code}]` : answer.kind;
  screen.step({
    at: answer.sentAt,
    who: 'customer',
    text: `card ${number.replaceAll(/(.{4})(?=.)/g, '$1 ')} at Stripe: ${outcome}`,
    detail: `${answer.httpStatus} in ${answer.ms} ms`,
  });
  return answer;
}
