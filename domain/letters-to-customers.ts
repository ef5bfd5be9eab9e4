// What customers are told: what happened, what it means for their money, what to do now.
import { formatMoney, formatUtc } from './display.ts';
import {
  actionOf,
  activityOf,
  capital,
  hasRefund,
  hasVouchers,
  kindOf,
  nameOf,
  refundOf,
  sentence,
} from './letter-words.ts';
import type { Write } from './letter-words.ts';
import type { CustomerNotice, NoticeFacts } from './notices.ts';

export const TO_CUSTOMERS: Readonly<Record<CustomerNotice, Write>> = {
  booking_confirmed: (facts) => ({
    subject: `Your ${kindOf(facts)} ${nameOf(facts)} is confirmed`,
    preheader: `${activityOf(facts)} is ${facts.goods ? 'ordered' : 'booked'} and paid.`,
    paragraphs: [
      facts.goods
        ? `Thank you: we have your order of ${activityOf(facts)}.`
        : `Good news: ${activityOf(facts)} is booked for you.`,
      facts.amount && `We have received your payment of ${formatMoney(facts.amount)}.`,
      ATTACHED[facts.vouchers],
      facts.terms.length > 0 ? `If your plans change: ${facts.terms.join(' ')}` : null,
      `Please check what is written below. If anything is wrong, answer this mail${facts.goods ? '' : ' before you travel'}.`,
    ],
    action: actionOf(`View your ${kindOf(facts)}`, facts.links.view),
  }),

  voucher_ready: (facts) => ({
    subject: `Your voucher for ${activityOf(facts)}`,
    preheader: 'Show it on your phone or on paper when you arrive.',
    paragraphs: [
      `Your voucher for ${activityOf(facts)} is ready; you find it attached.`,
      'Keep it within reach on the day: the code on it lets you in. It works without a connection, on your phone or on paper.',
    ],
    action: actionOf('Open your documents', facts.links.documents ?? facts.links.view),
  }),

  payment_failed: (facts) => ({
    subject: `Your payment for ${kindOf(facts)} ${nameOf(facts)} did not go through`,
    preheader: 'You have not been charged, and you can try again.',
    paragraphs: [
      `Your payment${facts.amount ? ` of ${formatMoney(facts.amount)}` : ''} for ${activityOf(facts)} did not go through. You have not been charged.`,
      facts.reason && sentence(facts.reason),
      `You can pay with the same card or another one${facts.payBefore ? ` until ${formatUtc(facts.payBefore)}` : ''}. Until it is paid, the ${kindOf(facts)} is not confirmed.`,
    ],
    action: actionOf('Pay again', facts.links.payAgain ?? facts.links.view),
  }),

  booking_expired: (facts) => ({
    subject: `Your ${kindOf(facts)} ${nameOf(facts)} has expired`,
    preheader: `It was not paid in time. ${facts.stray ? STRAY : 'No money has been taken.'}`,
    paragraphs: [
      `${capital(activityOf(facts))} was not paid in time, so we have let the ${kindOf(facts)} go.`,
      facts.stray
        ? STRAY
        : 'No money has been taken. If your bank shows an amount as reserved, it will release it by itself, usually within a few days.',
      facts.goods
        ? 'Would you still like it? You are welcome to order again.'
        : 'Would you still like to go? You are welcome to book again.',
    ],
    action: actionOf(facts.goods ? 'Order again' : 'Book again', facts.links.payAgain),
  }),

  booking_cancelled: (facts) => ({
    subject: `Your ${kindOf(facts)} ${nameOf(facts)} is cancelled`,
    preheader: moneyAfterCancelling(facts),
    paragraphs: [
      `Your ${kindOf(facts)} of ${activityOf(facts)} is cancelled.${hasVouchers(facts) ? ' Its vouchers are no longer valid.' : ''}`,
      facts.reason && sentence(facts.reason),
      moneyAfterCancelling(facts),
      hasRefund(facts) ? bankTime(facts) : null,
    ],
    action: actionOf(`View your ${kindOf(facts)}`, facts.links.view),
  }),

  hold_released: (facts) => ({
    subject: `We could not get your ${kindOf(facts)} ${nameOf(facts)}`,
    preheader: notCharged(facts),
    paragraphs: [
      `We are sorry: we could not get ${activityOf(facts)} for you, so the ${kindOf(facts)} has ended.`,
      facts.reason && capital(sentence(facts.reason)),
      notCharged(facts),
      facts.amount &&
        `The ${formatMoney(facts.amount)} that your bank held for us is released; banks usually show it within a few days.`,
    ],
    action: actionOf(`View your ${kindOf(facts)}`, facts.links.view),
  }),

  booking_refunded: (facts) => ({
    subject: `Refund for your ${kindOf(facts)} ${nameOf(facts)}`,
    preheader: hasRefund(facts) ? onItsWay(facts) : BY_THE_BANK,
    paragraphs: [
      hasRefund(facts) ? `We have ${sentBack(facts, 'the way you paid')}.` : BY_THE_BANK,
      facts.reason && capital(sentence(facts.reason)),
      facts.stillBooked
        ? `Your ${kindOf(facts)} of ${activityOf(facts)} stands as it is.`
        : `Your ${kindOf(facts)} of ${activityOf(facts)} has ended${hasVouchers(facts) ? '; its vouchers are no longer valid' : ''}.`,
      hasRefund(facts) ? bankTime(facts) : null,
    ],
    action: actionOf(`View your ${kindOf(facts)}`, facts.links.view),
  }),

  duplicate_refunded: (facts) => ({
    subject: `You paid twice for ${kindOf(facts)} ${nameOf(facts)}; we have sent one payment back`,
    preheader: `${onItsWay(facts)} Your ${kindOf(facts)} is not affected.`,
    paragraphs: [
      `Two payments reached us for ${activityOf(facts)}. One was enough, so we have ${sentBack(facts, 'the way it came')}.`,
      `Your ${kindOf(facts)} is not affected. You need not do anything.`,
      bankTime(facts),
    ],
    action: actionOf(`View your ${kindOf(facts)}`, facts.links.view),
  }),

  mispaid_refunded: (facts) => ({
    subject: `Your payment for ${kindOf(facts)} ${nameOf(facts)} was not what we asked for; we have sent it back`,
    preheader: onItsWay(facts),
    paragraphs: [
      `A payment reached us for ${activityOf(facts)} that was not what we had asked for, in its sum or its currency. We have ${sentBack(facts, 'in full')}.`,
      facts.stillBooked
        ? `Your ${kindOf(facts)} is not affected. You need not do anything.`
        : 'It paid for nothing, and we are finding out how it came about. We are sorry for the trouble; if you would still like it, please pay again.',
      bankTime(facts),
    ],
    action: actionOf(`View your ${kindOf(facts)}`, facts.links.view),
  }),

  late_payment_refunded: (facts) => ({
    subject: `Your payment for ${kindOf(facts)} ${nameOf(facts)} came too late; we have sent it back`,
    preheader: onItsWay(facts),
    paragraphs: [
      `Your payment for ${activityOf(facts)} reached us after ${facts.payBefore ? 'its price had changed' : `the ${kindOf(facts)} had ended`}. We could no longer use it, so we have ${sentBack(facts, 'in full')}.`,
      bankTime(facts),
      `We are sorry for the trouble. If you would still like ${facts.goods ? 'it' : 'to go'}, please ${againIn(facts)}.`,
    ],
    action: actionOf(`View your ${kindOf(facts)}`, facts.links.view),
  }),
};

const ATTACHED: Readonly<Record<NoticeFacts['vouchers'], string>> = {
  ready: 'Your vouchers and the receipt are attached.',
  to_come: 'Your receipt is attached. The vouchers follow in a mail of their own as soon as they are issued.',
  none: 'Your receipt is attached.',
};

const STRAY = 'What you paid was not what we had asked for; it goes back to you in full.';
const PAID_AFTER = 'Your payment reached us after that; it goes back to you in full.';
const notCharged = ({ stray }: NoticeFacts): string => (stray ? STRAY : 'You have not been charged.');

const BY_THE_BANK = 'Your money went back to you through your bank.';

const againIn = ({ payBefore, goods }: NoticeFacts): string =>
  payBefore ? 'pay the new price' : goods ? 'order again' : 'book again';

const bankTime = ({ byHand }: NoticeFacts): string | null =>
  byHand ? null : 'Banks usually show it within 5 to 10 working days.';
const onItsWay = (facts: NoticeFacts): string =>
  facts.byHand
    ? `Our staff give ${refundOf(facts)} back to you by hand.`
    : `${refundOf(facts)} is on its way back to you.`;
const sentBack = (facts: NoticeFacts, how: string): string =>
  facts.byHand ? `given ${refundOf(facts)} back to you by hand` : `sent ${refundOf(facts)} back ${how}`;

function moneyAfterCancelling(facts: NoticeFacts): string {
  if (hasRefund(facts))
    return facts.byHand ? onItsWay(facts) : `${refundOf(facts)} is on its way back to you, the way you paid.`;
  if (facts.paidAfter) return PAID_AFTER;
  return facts.charged
    ? `Under its cancellation policy nothing comes back for this ${kindOf(facts)}.`
    : notCharged(facts);
}
