// @ts-check
// What happens to a booking once it is paid: a part goes back, it is cancelled, stopped, or refunded in the gateway's own
// dashboard.
import { setTimeout as sleep } from 'node:timers/promises';

import { ask, until } from './asking.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./world.mjs').Viewed} Viewed */
/** @typedef {import('./script.mjs').Customer} Customer */
/** @typedef {{ person: import('./world.mjs').Person, query: string, outcome: string }} Visited */

/** Or as long as customers have to pay: in the crash matrix a worker that dies at every step takes minutes. */
const CONFIRMED_WITHIN_MS = 60_000;
const REFUSALS = [404, 409, 422];
const MOST_TRIES = 60;
const TRY_AGAIN_MS = 1_000;

/**
 * @param {World} world
 * @param {Customer} customer
 * @param {Visited} visited
 */
export async function afterwards(world, customer, { person, query, outcome }) {
  if (outcome !== 'paid') return;
  // Money taken at the desk goes back over the desk: no gateway has anything to compare it with.
  if (customer.after === 'none' || customer.pays === 'arrival') return;
  const booking = await until(() => confirmed(world, query), Math.max(CONFIRMED_WITHIN_MS, world.windowMs));
  if (booking) await DEEDS[customer.after](world, booking, { ...customer, person });
}

/** @typedef {Customer & { person: import('./world.mjs').Person }} Doer */

/** @type {Readonly<Record<Exclude<Customer['after'], 'none'>, (world: World, booking: Viewed, doer: Doer) => Promise<unknown>>>} */
const DEEDS = {
  part: ({ staff }, { id, captured }, { n, part, doubleClick }) => {
    const json = { amount: Math.max(1, Math.floor((captured * part) / 100)), reason: 'goodwill' };
    const give = (/** @type {string} */ key) => post(staff, `/v1/bookings/${id}/refunds`, { json, key });
    // The same click twice is one refund; two of the staff are two, and never more than was taken.
    return Promise.all([give(`part-${n}`), ...(doubleClick ? [give(`part-${n}`), give(`other-${n}`)] : [])]);
  },
  cancel: async ({ staff }, { id }, { n, person, storefront }) => {
    // Whoever filled a cart has no account: staff cancel for them.
    const by = storefront === 'cart' ? staff : person;
    /** @type {{ quoteId: string } | undefined} */
    const quote = await post(by, `/v1/bookings/${id}/cancel-quote`, { json: {}, key: `quote-${n}` });
    if (quote) await post(by, `/v1/bookings/${id}/cancel`, { json: { quoteId: quote.quoteId }, key: `cancel-${n}` });
  },
  stop: ({ staff }, { id }, { n }) => post(staff, `/v1/bookings/${id}/compensate`, { json: {}, key: `stop-${n}` }),
  dashboard: refundInDashboard,
};

/**
 * While the booking is busy staff wait a moment; each further try is a request of its own.
 * @template T
 * @param {import('./world.mjs').Person} person
 * @param {string} path
 * @param {{ json: unknown, key: string }} request
 * @returns {Promise<T | undefined>}
 */
async function post(person, path, { json, key }) {
  for (let tries = 1; ; tries += 1) {
    let isBusy = false;
    const onRefusal = (/** @type {string | undefined} */ code) => void (isBusy = code === 'in_progress');
    const headers = { 'Idempotency-Key': `${key}-${tries}` };
    /** @type {T | undefined} */
    const body = await person.say({ method: 'POST', path, json, headers, refusals: REFUSALS, onRefusal });
    if (!isBusy || tries === MOST_TRIES) return body;
    await sleep(TRY_AGAIN_MS);
  }
}

/** @param {World} world @param {string} query @returns {Promise<Viewed | undefined>} */
async function confirmed(world, query) {
  const booking = await find(world, query);
  return booking?.phase === 'confirmed' ? booking : undefined;
}

/** @param {World} world @param {string} query @returns {Promise<Viewed | undefined>} */
export async function find({ staff }, query) {
  /** @type {{ items: { id: string }[] } | undefined} */
  const found = await staff.say({ path: `/v1/bookings?${new URLSearchParams({ q: query }).toString()}` });
  const [first] = found?.items ?? [];
  return first && staff.say({ path: `/v1/bookings/${first.id}` });
}

/** Past us: only the webhook and our own questions tell of it. @param {World} world @param {Viewed} booking @param {Doer} doer */
async function refundInDashboard({ urls, stripeKey }, { payment, captured }, { n, part, storefront }) {
  const ref = payment?.ref ?? '';
  const amount = String(Math.max(1, Math.floor((captured * part) / 100)));
  if (storefront === 'cart') {
    const json = { purchase_id: ref, amount: Number(amount) };
    return ask(`${urls.chip}/_sim/webhooks/payment.refunded`, { method: 'POST', json, patienceMs: 5_000 });
  }
  if (!ref.startsWith('pi_')) return undefined;
  const headers = { authorization: `Bearer ${stripeKey}`, 'idempotency-key': `dashboard-${n}` };
  const form = { payment_intent: ref, amount };
  return ask(
    `${urls.stripe}/v1/refunds`,
    { method: 'POST', headers, form },
    (status) => status >= 500 || status === 429,
  );
}
