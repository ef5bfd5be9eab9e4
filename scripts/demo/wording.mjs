// @ts-check
// Says in a line what each recorded fact means.
import { decimal } from './ledger.mjs';

/** @typedef {import('./screen.mjs').Step} Step */
/** @typedef {{ minor: number, currency: string }} Money */
/** @typedef {Omit<Step, 'at'>} Words */

/**
 * A fact as the timeline gives it; which of these there are depends on its type.
 * @typedef {object} Fact
 * @property {'stripe_intent' | 'stripe_checkout' | 'chip' | 'on_arrival'} [gateway]
 * @property {Money} [amount]
 * @property {Money | null} [fee]
 * @property {string} [paymentId]
 * @property {Money} [net]
 * @property {Money} [returned]
 * @property {string} [reason]
 * @property {string} [message]
 * @property {string} [orderNo]
 * @property {string} [ourRef]
 * @property {string | null} [payBy]
 * @property {string} [step]
 * @property {string} [how]
 * @property {string} [actor]
 * @property {string} [as]
 * @property {string} [ref]
 * @property {readonly string[]} [kinds]
 * @property {{ message?: string, code?: string }} [decline]
 * @property {readonly { codes: readonly { code: string }[] }[]} [vouchers]
 */

/** @typedef {'stripe' | 'chip'} Gateway who takes the money of the booking */

/** @type {Record<Gateway, string>} */
export const GATEWAY_NAMES = { stripe: 'Stripe', chip: 'CHIP' };

/** @type {Record<string, (fact: Fact, gateway: Gateway) => Words>} */
const WORDS = {
  'payment.opened': ({ ref }, gateway) => ({
    who: ref?.startsWith('pay_') ? 'holdfast' : gateway,
    text: ref?.startsWith('pi_') ? 'payment intent opened' : 'payment opened',
    ...about(ref),
  }),
  'payment.action_required': () => ({ who: 'holdfast', text: 'the bank wants to see the customer' }),
  'payment.declined': ({ decline }) => ({
    who: 'holdfast',
    text: 'decline noted, the booking stays open',
    ...about(decline?.message),
  }),
  'payment.captured': ({ amount, fee }, gateway) => ({
    who: 'holdfast',
    text: `payment captured: ${written(amount)}`,
    ...about(fee && fee.minor > 0 ? `${GATEWAY_NAMES[gateway]} keeps ${written(fee)}` : undefined),
  }),
  'payment.fee_known': ({ fee }, gateway) => ({ who: gateway, text: `fee known: ${written(fee)}` }),
  'supplier.placing': ({ net, ourRef }) => ({
    who: 'klook',
    text: `still on sale at ${written(net)}, ordering`,
    ...about(ourRef),
  }),
  'supplier.ordered': ({ orderNo, payBy }) => ({
    who: 'klook',
    text: `order ${orderNo} placed, unpaid`,
    ...about(payBy ? `to be paid by ${clockOf(payBy)}` : undefined),
  }),
  'supplier.refused': ({ reason, message }) => ({
    who: 'klook',
    text: `order refused: ${spaced(reason)}`,
    ...about(message),
  }),
  'supplier.paid': ({ amount }) => ({ who: 'klook', text: `paid ${written(amount)} from our prepaid balance` }),
  'supplier.confirmed': () => ({ who: 'klook', text: 'order detail says: confirmed' }),
  'supplier.ended': ({ as, returned }) => ({ who: 'klook', text: `order ${as}, ${written(returned)} came back` }),
  'vouchers.ready': ({ vouchers = [] }) => ({
    who: 'klook',
    text: vouchers.length === 1 ? 'voucher ready' : `${vouchers.length} vouchers ready`,
    ...about(vouchers.flatMap(({ codes }) => codes.map(({ code }) => code)).join(', ')),
  }),
  'documents.issued': ({ kinds = [] }) => ({ who: 'holdfast', text: `${kinds.join(' and ')} drawn as PDF` }),
  'booking.confirmed': () => ({ who: 'holdfast', text: 'booking confirmed' }),
  'booking.compensation_started': ({ reason }) => ({
    who: 'holdfast',
    text: `cannot be fulfilled, giving everything back: ${spaced(reason)}`,
  }),
  'booking.compensated': () => ({ who: 'holdfast', text: 'everything is taken back, the books are closed' }),
  'refund.requested': ({ amount }) => ({ who: 'holdfast', text: `refund of ${written(amount)} owed` }),
  'refund.pending': ({ ref }, gateway) => ({ who: gateway, text: 'refund under way', ...about(ref) }),
  'refund.succeeded': ({ ref }, gateway) => ({ who: gateway, text: 'refund succeeded', ...about(ref) }),
  'refund.failed': ({ message }, gateway) => ({ who: gateway, text: 'refund failed', ...about(message) }),
  'attention.raised': ({ step, reason }) => ({ who: 'holdfast', text: `needs attention: ${step}`, ...about(reason) }),
  'attention.cleared': ({ how, actor }) => ({
    who: 'holdfast',
    text: 'needs no attention any more',
    ...about(`${spaced(how)}, ${actor}`),
  }),
};

/**
 * @param {string} type
 * @param {Fact} fact
 * @param {Gateway} gateway
 * @returns {Words}
 */
export function wordsFor(type, fact, gateway) {
  return WORDS[type]?.(fact, gateway) ?? { who: 'holdfast', text: spaced(type.replace('.', ': ')) };
}

/** @param {string | undefined} detail */
const about = (detail) => (detail ? { detail } : {});

/** @param {string} [word] */
const spaced = (word = '') => word.replaceAll('_', ' ');

/** @param {Money | null} [money] */
const written = (money) => (money ? `${money.currency} ${decimal(money.minor)}` : 'nothing');

/** @param {string} iso */
const clockOf = (iso) => `${iso.slice(11, 16)} UTC`;
