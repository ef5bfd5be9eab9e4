// @ts-check
// What customer, bank, vendors and staff do on the roads.
import { PlainFailure } from '../parts/failure.mjs';
import { CARDS, passChallenge, presentCard } from './stripe-page.mjs';

/** @typedef {import('./roads.mjs').Scene} Scene */
/** @typedef {import('./roads.mjs').Play} Play */

const ATTENTION_WITHIN_MS = 30_000;
const POLLED_WITHIN_MS = 120_000;

/** @param {Play} play @param {string} number */
export async function pay(play, number) {
  const answer = await present(play, number);
  if (answer.kind !== 'accepted') throw new PlainFailure(`The card ${number} was ${answer.kind}, not accepted.`);
}

/** @param {Play} play @param {string} badCard */
export async function payAtSecondTry(play, badCard) {
  const answer = await present(play, badCard);
  if (answer.kind !== 'declined') throw new PlainFailure(`The card ${badCard} was ${answer.kind}, not declined.`);
  const { order } = await play.follower.until({
    what: 'the letter about the decline',
    holds: ({ order: { booking_status: status }, letters }) => status === 'awaiting_payment' && letters.length > 0,
  });
  tell(play, {
    who: 'customer',
    text: 'tries again with another card',
    detail: `booking ${order.booking_status}, same payment intent`,
  });
  await pay(play, CARDS.good);
}

/** @param {Play} play */
export async function payWithChallenge(play) {
  const answer = await present(play, CARDS['3ds']);
  if (answer.kind !== 'challenged')
    throw new PlainFailure(`The card ${CARDS['3ds']} was ${answer.kind}, not challenged.`);
  await play.follower.until({
    what: 'the booking to know about the challenge',
    holds: ({ facts }) => facts.some(({ type }) => type === 'payment.action_required'),
  });
  const passed = await passChallenge(answer.url);
  play.screen.step({
    at: passed.sentAt,
    who: 'bank',
    text: 'the customer passes the page of the bank',
    detail: answer.url,
  });
}

/** @param {Play} play */
export async function payWithoutBalance(play) {
  const { klook } = play.standIns;
  /** @type {import('./http.mjs').Answer<{ data: { balance: string, currency: string } }>} */
  const { body } = await play.staff.get('/api/klook/balance');
  const { balance, currency } = body.data;
  await klook.changeBalance({ set: '0.00' });
  let isEmpty = true;
  const topUp = async () => {
    if (isEmpty) await klook.changeBalance({ topup: balance });
    isEmpty = false;
  };
  play.afterwards(topUp);
  tell(play, { who: 'klook', text: `our balance drops from ${currency} ${balance} to nothing` });
  await pay(play, CARDS.good);
  await play.follower.until({
    what: 'staff to be told',
    withinMs: ATTENTION_WITHIN_MS,
    holds: ({ order, letters }) =>
      order.booking_status === 'needs_attention' &&
      letters.some(({ subject }) => subject.startsWith('Needs attention')),
  });
  await topUp();
  tell(play, { who: 'staff', text: `tops the balance up again with ${currency} ${balance}` });
  const { sentAt, ms } = await play.staff.post(`/api/payments/klook/${play.intent.booking_id}/retry`, {});
  play.screen.step({
    at: sentAt,
    who: 'staff',
    text: 'does not wait for the next try by itself (every 5 min): POST .../retry',
    detail: `200 in ${ms} ms`,
  });
}

/** @param {Play} play */
export async function payUnheard(play) {
  const loss = await play.standIns.stripe.loseNext('payment_intent.succeeded');
  play.afterwards(() => loss.forget());
  tell(play, { who: 'stripe', text: 'will lose the webhook of this payment' });
  await pay(play, CARDS.good);
  const { webhooks } = await play.follower.until({
    what: 'the first poll, a minute after opening',
    withinMs: POLLED_WITHIN_MS,
    holds: ({ facts }) => facts.some(({ type }) => type === 'payment.captured'),
  });
  const heard = webhooks.filter(({ state }) => state !== 'ignored').map(({ type }) => type);
  if (heard.length > 0 || !(await loss.isLost())) {
    throw new PlainFailure(`The webhook was not lost after all: ${heard.join(', ') || 'it was never sent'}.`);
  }
  tell(play, { who: 'demo', text: 'found by polling: no webhook of this payment ever came' });
}

/** @param {Play} play @param {string} number */
async function present(play, number) {
  const { screen, stack, intent, email } = play;
  const returnUrl = `${stack.urls.api}/payment-success`;
  const answer = await presentCard(stack.urls.stripe, { intent, number, email, returnUrl });
  const { sentAt, ms, httpStatus } = answer;
  screen.step({
    at: sentAt,
    who: 'customer',
    text: `card ${number.replaceAll(/(.{4})(?=.)/g, '$1 ')} at Stripe: ${outcomeOf(answer)}`,
    detail: `${httpStatus} in ${ms} ms`,
  });
  return answer;
}

/** @param {import('./stripe-page.mjs').CardAnswer} answer */
function outcomeOf(answer) {
  if (answer.kind === 'declined') return `${answer.message} [${answer.code}]`;
  return answer.kind === 'challenged' ? 'the bank asks for 3-D Secure' : answer.status;
}

/**
 * @param {Scene} scene
 * @param {Omit<import('./screen.mjs').Step, 'at'>} step
 */
export function tell({ screen }, step) {
  screen.step({ at: Date.now(), ...step });
}
