// @ts-check
// The customer's browser at the Stripe stand-in: it knows the publishable key and the client secret, nothing more.
import { call, mustCall } from './http.mjs';
import { PlainFailure } from '../parts/failure.mjs';

export const CARDS = {
  good: '4242424242424242',
  declined: '4000000000000002',
  insufficient: '4000000000009995',
  '3ds': '4000002760003184',
};

/**
 * @typedef {object} PaymentIntent
 * @property {string} id
 * @property {string} status
 * @property {{ redirect_to_url?: { url: string } } | null} next_action
 */

/** @typedef {{ error: { message: string, code?: string, decline_code?: string } }} Refusal */

/**
 * @typedef {{ sentAt: number, ms: number, httpStatus: number } & (
 *   { kind: 'accepted', status: string } |
 *   { kind: 'challenged', url: string } |
 *   { kind: 'declined', message: string, code: string }
 * )} CardAnswer
 */

/**
 * @param {string} stripe
 * @param {{ intent: Pick<import('./shop.mjs').Intent, 'payment_intent_id' | 'publishable_key' | 'client_secret'>, number: string, email: string, returnUrl: string }} card
 * @returns {Promise<CardAnswer>}
 */
export async function presentCard(stripe, { intent, number, email, returnUrl }) {
  /** @type {import('./http.mjs').Answer<PaymentIntent & Refusal>} */
  const {
    status: httpStatus,
    body,
    sentAt,
    ms,
  } = await call(`${stripe}/v1/payment_intents/${intent.payment_intent_id}/confirm`, {
    method: 'POST',
    form: {
      key: intent.publishable_key,
      client_secret: intent.client_secret,
      return_url: returnUrl,
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': number,
      'payment_method_data[card][exp_month]': '12',
      'payment_method_data[card][exp_year]': String(new Date().getUTCFullYear() + 3),
      'payment_method_data[card][cvc]': '123',
      'payment_method_data[billing_details][email]': email,
    },
  });
  const facts = { sentAt, ms, httpStatus };
  if (httpStatus === 402) {
    const { message, code, decline_code: declineCode } = body.error;
    return { ...facts, kind: 'declined', message, code: declineCode ?? code ?? 'unknown' };
  }
  if (httpStatus !== 200)
    throw new PlainFailure(`Stripe answered the card with ${httpStatus}: ${body?.error?.message}`);
  const url = body.next_action?.redirect_to_url?.url;
  return url ? { ...facts, kind: 'challenged', url } : { ...facts, kind: 'accepted', status: body.status };
}

/**
 * The page of a Checkout Session, as a browser without scripts would send its form.
 * @param {string} url
 * @param {{ number: string, email: string }} card
 */
export async function fillInPage(url, { number, email }) {
  await mustCall(url);
  const year = String(new Date().getUTCFullYear() + 3);
  const form = { number, exp_month: '12', exp_year: year, cvc: '123', email };
  const { status: httpStatus, sentAt, ms } = await call(url, { method: 'POST', form });
  if (httpStatus !== 303 && httpStatus !== 402) throw new PlainFailure(`Stripe's page answered ${httpStatus}.`);
  const kind = httpStatus === 303 ? /** @type {const} */ ('accepted') : /** @type {const} */ ('declined');
  return { kind, sentAt, ms, httpStatus };
}

/**
 * Opens the bank's page and presses its button.
 * @param {string} url
 */
export async function passChallenge(url) {
  await mustCall(url);
  /** @type {import('./http.mjs').Answer<undefined>} */
  const { status, sentAt, ms, headers } = await call(url, { method: 'POST', form: { outcome: 'pass' } });
  const outcome = new URL(headers.get('location') ?? '', url).searchParams.get('redirect_status');
  if (outcome !== 'succeeded') throw new PlainFailure(`The bank's page answered ${status} and led to "${outcome}".`);
  return { sentAt, ms, outcome };
}
