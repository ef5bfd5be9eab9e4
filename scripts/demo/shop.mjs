// @ts-check
// What a customer's frontend and a member of staff ask of the API.
import { call, mustCall } from './http.mjs';
import { PlainFailure } from '../parts/failure.mjs';

/** @typedef {import('./http.mjs').Request} Request */

/**
 * @typedef {object} Intent
 * @property {string} booking_id
 * @property {string} payment_id
 * @property {string} payment_intent_id
 * @property {string} client_secret
 * @property {string} amount
 * @property {string} currency
 * @property {string} status
 * @property {string} agent_order_id
 * @property {string} expires_at
 * @property {string} publishable_key
 */

/**
 * @typedef {object} OrderStatus
 * @property {string | null} order_id
 * @property {string} booking_status
 * @property {string} payment_status
 * @property {string} amount
 * @property {string} currency
 * @property {string} klook_status
 * @property {string | null} klook_paid_amount
 * @property {string | null} klook_paid_currency
 * @property {{ number: number, status: string, url: string }[]} vouchers
 * @property {string | null} [profit] staff only
 * @property {string} [profit_currency] staff only
 */

/** @typedef {{ success: true, data: unknown }} Envelope */
/** @typedef {{ sub: string, role: string, email?: string }} Claims */
/** @typedef {ReturnType<typeof visitor>} Visitor */

/**
 * @param {string} api
 * @param {Claims} claims
 */
export async function signIn(api, claims) {
  /** @type {import('./http.mjs').Answer<{ token: string }>} */
  const answer = await call(`${api}/dev/tokens`, { method: 'POST', json: claims });
  if (answer.status !== 200) {
    throw new PlainFailure(
      `POST /dev/tokens was answered ${answer.status}: the demo needs DEV_ROUTES=true, the default of npm start on this machine.`,
    );
  }
  return { answer, visitor: visitor(api, answer.body.token) };
}

/**
 * @param {string} api
 * @param {string} token
 */
function visitor(api, token) {
  const signed = (/** @type {Request} */ request = {}) => ({
    ...request,
    headers: { authorization: `Bearer ${token}` },
  });
  return {
    /**
     * @template T
     * @param {string} path
     * @returns {Promise<import('./http.mjs').Answer<T>>}
     */
    get: (path) => mustCall(`${api}${path}`, signed()),
    /**
     * @template T
     * @param {string} path
     * @param {unknown} json
     * @returns {Promise<import('./http.mjs').Answer<T>>}
     */
    post: (path, json) => mustCall(`${api}${path}`, signed({ method: 'POST', json })),
    /**
     * A paper that may not be there yet, or ever.
     * @param {string} url
     */
    async paper(url) {
      /** @type {import('./http.mjs').Answer<unknown>} */
      const { status, bytes } = await call(url, signed());
      return status === 200 ? bytes : undefined;
    },
    /**
     * @param {string} bookingId
     * @returns {Promise<OrderStatus>}
     */
    async orderStatus(bookingId) {
      /** @type {import('./http.mjs').Answer<{ data: OrderStatus }>} */
      const { body } = await mustCall(`${api}/klook/order-status/${bookingId}`, signed());
      return body.data;
    },
  };
}
