// @ts-check
// The roads a booking can take, one customer each: what the crash matrix walks again and again.
import { ask, GaveUp, until } from './asking.mjs';
import { withDatabase, withTemporal } from './books.mjs';
import { payAfterAll } from './browser.mjs';
import { VISITS } from './customers/visit.mjs';
import { afterwards, find } from './staff.mjs';
import { must } from './world.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./script.mjs').Customer} Customer */
/** @typedef {{ world: World, env: Readonly<Record<string, string>>, over: Set<string> }} Ground over: bookings whose workflow's end was played */
/** @typedef {(ground: Ground, n: number) => Promise<string>} Path walked to where only waiting is left; answers with the booking */

/** Airport's customers have to be quick, so that late money need not be waited for long; yet a worker dies for each of six meanwhile. */
export const WINDOWS = 'trektoo=10m,dreamscape=10m,airport=60s,travello=10m,cart=10m';
const EXPIRED_WITHIN_MS = 240_000;

/** @type {Readonly<Record<string, Path>>} */
export const PATHS = {
  happy: visiting({}),
  decline: visiting({ cards: ['declined', 'good'] }),
  unheard: visiting({}, { rule: { kind: 'webhook_drop', match: '^payment_intent\\.' } }),
  'sold out': visiting({ supplierMood: 'sold-out' }),
  'sold out at payment': visiting({ supplierMood: 'sold-out-at-pay' }),
  rejected: visiting({ supplierMood: 'reject' }),
  refund: visiting({ after: 'part' }),
  cancellation: visiting({ after: 'cancel' }),
  stopped: visiting({ after: 'stop' }),
  dispute: visiting({ cards: ['disputed'] }),
  stay: visiting({ storefront: 'travello' }),
  'at the desk': visiting({ storefront: 'travello', pays: 'arrival' }),
  cart: visiting({ storefront: 'cart' }),
  // Who pays on the page that is still open in another tab has an odd number.
  'changed cart': (ground, n) => visiting({ storefront: 'cart', changes: true })(ground, 2 * n),
  'unpaid cancelled': cancelledUnpaid,
  expired: (ground, n) => expired(ground, n).then(({ id }) => id),
  'late payment': paidLate,
  'late payment after the end': paidWhenOver,
};

/** @type {Omit<Customer, 'n'>} */
const SOMEBODY = {
  atMs: 0,
  storefront: 'trektoo',
  doubleClick: false,
  cards: ['good'],
  thinksMs: 0,
  atTheLastMoment: false,
  insists: false,
  supplierMood: null,
  pays: 'online',
  changes: false,
  after: 'none',
  part: 30,
};

/**
 * @param {Partial<Customer>} wish
 * @param {{ rule?: unknown }} [world]
 * @returns {Path}
 */
function visiting(wish, { rule } = {}) {
  return async ({ world }, n) => {
    const customer = { ...SOMEBODY, ...wish, n };
    if (rule) await ask(`${world.urls.stripe}/_sim/faults`, { method: 'POST', json: rule });
    const person = await world.signIn(`drill-${world.seed}-${n}`, 'customer');
    const { query, outcome } = await VISITS[customer.storefront](world, customer, person);
    await afterwards(world, customer, { person, query, outcome });
    return idOf(world, query);
  };
}

/** @param {World} world @param {string} query */
async function idOf(world, query) {
  const booking = await until(() => find(world, query), EXPIRED_WITHIN_MS);
  if (!booking) throw new GaveUp(`no booking is found by ${query}`);
  return booking.id;
}

/** @type {Path} */
async function cancelledUnpaid({ world }, n) {
  const customer = { ...SOMEBODY, cards: [], n };
  const person = await world.signIn(`drill-${world.seed}-${n}`, 'customer');
  const id = await idOf(world, (await VISITS.trektoo(world, customer, person)).query);
  const post = (/** @type {string} */ path, /** @type {unknown} */ json) =>
    must(person, {
      method: 'POST',
      path: `/v1/bookings/${id}/${path}`,
      json,
      headers: { 'Idempotency-Key': `${path}-${n}` },
    });
  /** @type {{ quoteId: string }} */
  const { quoteId } = await post('cancel-quote', {});
  await post('cancel', { quoteId });
  return id;
}

/** @param {Ground} ground @param {number} n */
async function expired({ world }, n) {
  const customer = { ...SOMEBODY, storefront: /** @type {const} */ ('airport'), cards: [], n };
  const person = await world.signIn(`drill-${world.seed}-${n}`, 'customer');
  const { query: intent } = await VISITS.airport(world, customer, person);
  const booking = await until(async () => {
    const found = await find(world, intent);
    return found?.phase === 'expired' ? found : undefined;
  }, EXPIRED_WITHIN_MS);
  if (!booking) throw new GaveUp(`${intent} did not expire`);
  return { id: booking.id, intent };
}

/** Until it is known here: nothing waits that has not come yet, and all would seem to be at rest. @param {World} world @param {string} id */
async function payLate(world, id) {
  const headers = { authorization: `Bearer ${world.stripeKey}` };
  /** @type {import('../demo/http.mjs').Answer<{ client_secret: string }>} */
  const { body } = await ask(`${world.urls.stripe}/v1/payment_intents/${id}`, { headers });
  await payAfterAll(world, { id, secret: body.client_secret });
  const known = await until(async () => ((await find(world, id))?.captured ? true : undefined), EXPIRED_WITHIN_MS);
  if (!known) throw new GaveUp(`${id} was paid, and nobody heard of it`);
}

/** @type {Path} */
async function paidLate(ground, n) {
  const { id, intent } = await expired(ground, n);
  await payLate(ground.world, intent);
  return id;
}

/** The workflow's seven days are over: played, for nobody waits a week. @type {Path} */
async function paidWhenOver(ground, n) {
  const { id, intent } = await expired(ground, n);
  const { env, world, over } = ground;
  over.add(id);
  await withTemporal(env, (client) =>
    client.workflow.getHandle(`booking-${id}`).terminate('stands for the end of its seven days'),
  );
  await withDatabase(env, (rows) =>
    rows(`update bookings set created_at = now() - interval '8 days' where id = '${id}'`),
  );
  await payLate(world, intent);
  return id;
}
