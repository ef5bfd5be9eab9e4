// @ts-check
// The customer's browser at the gateways' own pages. It sees their faults too, and presses the button again.
import { setTimeout as sleep } from 'node:timers/promises';

import { ask } from './asking.mjs';

const NUMBERS = {
  good: '4242424242424242',
  '3ds': '4000002760003184',
  '3ds_failed': '4000002760003184',
  '3ds_declined': '4000008400001629',
  refund_pending: '4000000000007726',
  refund_fails: '4000000000005126',
  disputed: '4000000000000259',
  not_received: '4000000000002685',
  inquiry: '4000000000001976',
  expired: '4000000000000069',
  wrong_cvc: '4000000000000127',
  blocked: '4100000000000019',
  declined: '4000000000000002',
  insufficient: '4000000000009995',
};
/** @type {ReadonlySet<CardName>} */
const BAD = new Set(['declined', 'insufficient', '3ds_failed', '3ds_declined', 'expired', 'wrong_cvc', 'blocked']);
const AFTER_THE_DEADLINE_MS = 1_500;
const PAUSE_MS = 600;

/** @typedef {'paid' | 'unpaid' | 'over'} Outcome over: the page or the intent takes no cards any more */
/** @typedef {keyof typeof NUMBERS} CardName */
/** @typedef {import('./world.mjs').World} World */

/**
 * Thinks, then presents one card after another. Whoever is late pays when the time is just over.
 * @param {World} world
 * @param {import('./script.mjs').Customer} customer
 * @param {{ openedAt: number, present: (card: CardName) => Promise<Outcome>, afterAll?: () => Promise<Outcome> }} till
 * @returns {Promise<Outcome>}
 */
export async function payAt(world, { cards, thinksMs, atTheLastMoment, insists, n }, { openedAt, present, afterAll }) {
  const lateMs = world.windowMs - 2_000 + (n % 4) * (AFTER_THE_DEADLINE_MS / 2);
  await sleep(atTheLastMoment ? Math.max(thinksMs, openedAt + lateMs - Date.now()) : thinksMs);
  /** @type {Outcome} */
  let outcome = 'unpaid';
  for (const card of cards) {
    outcome = await present(card);
    if (outcome === 'over' && insists && afterAll) return afterAll();
    if (outcome !== 'unpaid') return outcome;
    await sleep(PAUSE_MS);
  }
  return outcome;
}

/** @typedef {{ status: string, next_action: { redirect_to_url?: { url: string } } | null, error?: { code?: string } }} IntentSeen */

/**
 * The card form of our own frontend: it knows the publishable key and the client secret.
 * @param {World} world
 * @param {{ id: string, secret: string }} intent
 * @returns {(card: CardName) => Promise<Outcome>}
 */
const cardForm =
  ({ urls, stripePublicKey: key }, { id, secret }) =>
  async (card) => {
    const at = `${urls.stripe}/v1/payment_intents/${id}`;
    const form = { key, client_secret: secret, return_url: 'https://shop.example/back', ...fieldsOf(card) };
    /** @type {import('../demo/http.mjs').Answer<IntentSeen>} */
    const { status, body } = await ask(`${at}/confirm`, { method: 'POST', form }, isOutOfOrder);
    if (status === 402) return 'unpaid';
    const url = body?.next_action?.redirect_to_url?.url;
    if (status === 200 && url) await answerBank(url, card);
    const query = new URLSearchParams({ key, client_secret: secret });
    /** @type {import('../demo/http.mjs').Answer<IntentSeen>} */
    const { body: now } = await ask(`${at}?${query.toString()}`, {}, isOutOfOrder);
    return STANDINGS[now.status] ?? 'unpaid';
  };

/** @param {World} world @param {{ id: string, secret: string }} intent */
export const tillOf = (world, intent) => ({
  openedAt: Date.now(),
  present: cardForm(world, intent),
  afterAll: () => payAfterAll(world, intent),
});

/**
 * Stripe itself would not let a cancelled intent be paid: this stands for money that was on its way nevertheless.
 * @param {World} world
 * @param {{ id: string, secret: string }} intent
 */
export async function payAfterAll(world, intent) {
  const json = { payment_intent: intent.id };
  await ask(`${world.urls.stripe}/_sim/reopen`, { method: 'POST', json });
  return cardForm(world, intent)('good');
}

/** @type {Readonly<Record<string, Outcome>>} */
const STANDINGS = { succeeded: 'paid', processing: 'paid', canceled: 'over' };

/** @param {CardName} card */
const fieldsOf = (card) => ({
  'payment_method_data[type]': 'card',
  'payment_method_data[card][number]': NUMBERS[card],
  'payment_method_data[card][exp_month]': '12',
  'payment_method_data[card][exp_year]': '2039',
  'payment_method_data[card][cvc]': '123',
});

const isOutOfOrder = (/** @type {number} */ status) => status >= 500 || status === 429;

/** @param {string} url @param {CardName} card */
async function answerBank(url, card) {
  const outcome = card === '3ds_failed' ? 'fail' : 'pass';
  return ask(url, { method: 'POST', form: { outcome } }, isOutOfOrder);
}

/**
 * Stripe's own page for a session.
 * @param {string} url
 * @returns {(card: CardName) => Promise<Outcome>}
 */
export const stripePage = (url) => async (card) => {
  const form = { number: NUMBERS[card], exp_month: '12', exp_year: '2039', cvc: '123', email: 'guest@drill.example' };
  const { status, headers } = await ask(url, { method: 'POST', form }, isOutOfOrder);
  if (status === 410) return 'over';
  if (status !== 303) return 'unpaid';
  const to = headers.get('location') ?? '';
  if (!to.includes('/3ds/')) return 'paid';
  await answerBank(new URL(to, url).href, card);
  return BAD.has(card) ? 'unpaid' : 'paid';
};

/**
 * CHIP's page, where no card is a bank's no.
 * @param {string} url
 * @returns {(card: CardName) => Promise<Outcome>}
 */
export const chipPage = (url) => async (card) => {
  const bad = BAD.has(card);
  const form = { outcome: bad ? 'failed' : 'paid', payment_method: 'fpx', fpx_bank_code: 'MB2U0227' };
  const { status } = await ask(url, { method: 'POST', form }, isOutOfOrder);
  if (status === 410) return 'over';
  return bad ? 'unpaid' : 'paid';
};
