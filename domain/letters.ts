// The words of every notice: what happened, what it means for your money, what to do now.
import { formatLocal, formatMoney, formatUtc } from './display.ts';
import { audienceOf } from './notices.ts';
import type { Letter, NoticeFacts, NoticeKind } from './notices.ts';
import type { DisputeStanding } from './payment.ts';

interface Wording {
  readonly subject: string;
  readonly preheader: string;
  readonly paragraphs: readonly (string | null)[];
  readonly action: Letter['action'];
}

type Write = (facts: NoticeFacts) => Wording;

const WORDING: Readonly<Record<NoticeKind, Write>> = {
  booking_confirmed: (facts) => ({
    subject: `Your booking ${nameOf(facts)} is confirmed`,
    preheader: `${activityOf(facts)} is booked and paid.`,
    paragraphs: [
      `Good news: ${activityOf(facts)} is booked for you.`,
      facts.amount && `We have received your payment of ${formatMoney(facts.amount)}.`,
      ATTACHED[facts.vouchers],
      facts.terms.length > 0 ? `If your plans change: ${facts.terms.join(' ')}` : null,
      'Please check what is written below. If anything is wrong, answer this mail before you travel.',
    ],
    action: actionOf('View your booking', facts.links.view),
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
    subject: `Your payment for booking ${nameOf(facts)} did not go through`,
    preheader: 'You have not been charged, and you can try again.',
    paragraphs: [
      `Your payment${facts.amount ? ` of ${formatMoney(facts.amount)}` : ''} for ${activityOf(facts)} did not go through. You have not been charged.`,
      facts.reason && sentence(facts.reason),
      `You can pay with the same card or another one${facts.payBefore ? ` until ${formatUtc(facts.payBefore)}` : ''}. Until it is paid, the booking is not confirmed.`,
    ],
    action: actionOf('Pay again', facts.links.payAgain ?? facts.links.view),
  }),

  booking_expired: (facts) => ({
    subject: `Your booking ${nameOf(facts)} has expired`,
    preheader: 'It was not paid in time. No money has been taken.',
    paragraphs: [
      `${capital(activityOf(facts))} was not paid in time, so we have let the booking go.`,
      'No money has been taken. If your bank shows an amount as reserved, it will release it by itself, usually within a few days.',
      'Would you still like to go? You are welcome to book again.',
    ],
    action: actionOf('Book again', facts.links.payAgain),
  }),

  booking_cancelled: (facts) => ({
    subject: `Your booking ${nameOf(facts)} is cancelled`,
    preheader: moneyAfterCancelling(facts),
    paragraphs: [
      `Your booking of ${activityOf(facts)} is cancelled.${hasVouchers(facts) ? ' Its vouchers are no longer valid.' : ''}`,
      facts.reason && sentence(facts.reason),
      moneyAfterCancelling(facts),
      hasRefund(facts) ? bankTime(facts) : null,
    ],
    action: actionOf('View your booking', facts.links.view),
  }),

  hold_released: (facts) => ({
    subject: `We could not get your booking ${nameOf(facts)}`,
    preheader: 'You have not been charged.',
    paragraphs: [
      `We are sorry: we could not get ${activityOf(facts)} for you, so the booking has ended.`,
      facts.reason && capital(sentence(facts.reason)),
      `You have not been charged${facts.amount ? `: the ${formatMoney(facts.amount)} that your bank held for us is released` : ''}. Banks usually show it within a few days.`,
    ],
    action: actionOf('View your booking', facts.links.view),
  }),

  booking_refunded: (facts) => ({
    subject: `Refund for your booking ${nameOf(facts)}`,
    preheader: hasRefund(facts) ? onItsWay(facts) : BY_THE_BANK,
    paragraphs: [
      hasRefund(facts) ? `We have ${sentBack(facts, 'the way you paid')}.` : BY_THE_BANK,
      facts.reason && capital(sentence(facts.reason)),
      facts.stillBooked
        ? `Your booking of ${activityOf(facts)} stands as it is.`
        : `Your booking of ${activityOf(facts)} has ended${hasVouchers(facts) ? '; its vouchers are no longer valid' : ''}.`,
      hasRefund(facts) ? bankTime(facts) : null,
    ],
    action: actionOf('View your booking', facts.links.view),
  }),

  duplicate_refunded: (facts) => ({
    subject: `You paid twice for booking ${nameOf(facts)}; we have sent one payment back`,
    preheader: `${onItsWay(facts)} Your booking is not affected.`,
    paragraphs: [
      `Two payments reached us for ${activityOf(facts)}. One was enough, so we have ${sentBack(facts, 'the way it came')}.`,
      'Your booking is not affected. You need not do anything.',
      bankTime(facts),
    ],
    action: actionOf('View your booking', facts.links.view),
  }),

  late_payment_refunded: (facts) => ({
    subject: `Your payment for booking ${nameOf(facts)} came too late; we have sent it back`,
    preheader: onItsWay(facts),
    paragraphs: [
      `Your payment for ${activityOf(facts)} reached us after ${facts.payBefore ? 'its price had changed' : 'the booking had ended'}. We could no longer use it, so we have ${sentBack(facts, 'in full')}.`,
      bankTime(facts),
      `We are sorry for the trouble. If you would still like to go, please ${facts.payBefore ? 'pay the new price' : 'book again'}.`,
    ],
    action: actionOf('View your booking', facts.links.view),
  }),

  needs_attention: (facts) => ({
    subject: `Needs attention: ${nameOf(facts)}${facts.reason ? `, ${clipped(facts.reason)}` : ''}`,
    preheader: facts.reason ?? 'A booking waits for a decision.',
    paragraphs: [
      `Booking ${nameOf(facts)} waits for a person${facts.reason ? `: ${sentence(facts.reason)}` : '.'}`,
      'Whatever can be tried again is tried again by itself, with growing pauses. You can retry now, settle it by hand, or stop and compensate.',
    ],
    action: actionOf('Open the booking', facts.links.ops),
  }),

  webhook_failed: (facts) => ({
    subject: `A webhook could not be processed${facts.bookingNumber ? ` for ${facts.bookingNumber}` : ''}`,
    preheader: facts.reason ?? 'It is kept and tried again.',
    paragraphs: [
      `A verified webhook could not be processed${facts.reason ? `: ${sentence(facts.reason)}` : '.'}`,
      'It is stored and tried again with growing pauses; it can also be replayed from the inbox.',
    ],
    action: actionOf('Open the inbox', facts.links.ops),
  }),

  low_balance: (facts) => ({
    subject: `Supplier balance is low${facts.amount ? `: ${formatMoney(facts.amount)}` : ''}`,
    preheader: facts.reason ?? 'Top it up before orders have to wait.',
    paragraphs: [
      `The prepaid balance at the supplier${facts.amount ? ` is ${formatMoney(facts.amount)}` : ' is below its floor'}.`,
      facts.reason && sentence(facts.reason),
      'Top it up: orders that cannot be paid wait, and are refunded when the supplier stops waiting. After a top-up they go on by themselves.',
    ],
    action: actionOf('Open the supplier balance', facts.links.ops),
  }),

  late_payment: (facts) => ({
    subject: `Late payment for ${nameOf(facts)}${facts.refund ? `, ${formatMoney(facts.refund)} refunded` : ''}`,
    preheader: 'It arrived after the booking had closed.',
    paragraphs: [
      `Money arrived for booking ${nameOf(facts)} after it had closed${facts.refund ? `; ${formatMoney(facts.refund)} was refunded in full` : ''}.`,
      facts.reason && sentence(facts.reason),
      'The customer has been told. Nothing is left to do unless this happens often.',
    ],
    action: actionOf('Open the booking', facts.links.ops),
  }),

  refund_waits: (facts) => ({
    subject: `Refund waits for approval: ${nameOf(facts)}, ${refundOf(facts)}`,
    preheader: 'It is above what one person may give back.',
    paragraphs: [
      `Somebody wants to give ${refundOf(facts)} back for booking ${nameOf(facts)}. It is above what one person may give back.`,
      'Nothing goes back before another member of staff has approved it.',
    ],
    action: actionOf('Open the booking', facts.links.ops),
  }),

  dispute_opened: (facts) => ({
    subject: `${facts.dispute?.standing === 'inquiry' ? 'Inquiry by a bank' : 'Dispute opened'}: ${nameOf(facts)}${facts.dispute ? `, ${formatMoney(facts.dispute.amount)}` : ''}`,
    preheader: facts.dispute?.evidenceDueBy
      ? `Answer before ${formatUtc(facts.dispute.evidenceDueBy)}.`
      : 'It waits for an answer.',
    paragraphs: [
      facts.dispute?.standing === 'inquiry'
        ? `The customer's bank asks about the payment of booking ${nameOf(facts)}. No money was taken, and refunds are possible: giving the money back now ends it without a fee.`
        : `The customer's bank disputes the payment of booking ${nameOf(facts)} and has taken the money until it decides. Refunds of this payment wait until then.`,
      overReturnedIn(facts, 'Tell the bank that it was refunded.'),
      'An evidence document was drawn up: who booked what, on which terms, and what was delivered. Check it, and answer in the dashboard of the gateway before the due date.',
    ],
    action: actionOf('Open the booking', facts.links.ops),
  }),

  dispute_closed: (facts) => ({
    subject: `Dispute closed${facts.dispute ? `, ${CLOSED_AS[facts.dispute.standing]}` : ''}: ${nameOf(facts)}`,
    preheader: facts.dispute ? OUTCOME[facts.dispute.standing] : 'The bank has decided.',
    paragraphs: [
      `The customer's bank has closed its case against the payment of booking ${nameOf(facts)}.`,
      facts.dispute && OUTCOME[facts.dispute.standing],
      overReturnedIn(facts),
    ],
    action: actionOf('Open the booking', facts.links.ops),
  }),

  reconciliation_finding: (facts) => ({
    subject: `Reconciliation found a difference${facts.bookingNumber ? ` at ${facts.bookingNumber}` : ''}`,
    preheader: facts.reason ?? 'Two records of the same money disagree.',
    paragraphs: [
      `Two records of the same money disagree${facts.reason ? `: ${sentence(facts.reason)}` : '.'}`,
      'The finding stays open until it is explained.',
    ],
    action: actionOf('Open reconciliation', facts.links.ops),
  }),
};

export function letterFor(kind: NoticeKind, facts: NoticeFacts): Letter {
  const { paragraphs, ...wording } = WORDING[kind](facts);
  const forCustomer = audienceOf(kind) === 'customer';
  return {
    ...wording,
    brand: facts.brand.name,
    greeting: forCustomer ? (facts.name ? `Hello ${facts.name},` : 'Hello,') : null,
    paragraphs: paragraphs.filter((text) => text !== null),
    facts: factsOf(facts),
    footer: forCustomer ? customerFooter(facts) : [`${facts.brand.name}, message to staff`],
  };
}

function factsOf(facts: NoticeFacts): Letter['facts'] {
  const rows: readonly (readonly [string, string | null])[] = [
    ['Booking', facts.bookingNumber],
    ['What', facts.activity],
    ['When', facts.when && formatLocal(facts.when)],
    ['Who', facts.travellers.join(', ') || null],
    ['Amount', facts.amount && formatMoney(facts.amount)],
    ['Disputed', facts.dispute && formatMoney(facts.dispute.amount)],
    ['Reason of the bank', facts.dispute && facts.dispute.reason.replaceAll('_', ' ')],
    ['Answer before', facts.dispute?.evidenceDueBy ? formatUtc(facts.dispute.evidenceDueBy) : null],
    ['Refund', hasRefund(facts) ? refundOf(facts) : null],
  ];
  return rows.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

function customerFooter({ brand }: NoticeFacts): readonly string[] {
  const contacts = [brand.supportEmail, brand.supportPhone, brand.supportUrl].filter((contact) => contact !== null);
  return [`Questions? Answer this mail or reach us here: ${contacts.join(' · ')}`, brand.merchant];
}

const ATTACHED: Readonly<Record<NoticeFacts['vouchers'], string>> = {
  ready: 'Your vouchers and the receipt are attached.',
  to_come: 'Your receipt is attached. The vouchers follow in a mail of their own as soon as they are issued.',
  none: 'Your receipt is attached.',
};

const BY_THE_BANK = 'Your money went back to you through your bank.';

const CLOSED_AS: Readonly<Record<DisputeStanding, string>> = {
  inquiry: 'as an inquiry',
  open: 'and opened again',
  won: 'won',
  lost: 'lost',
  dropped: 'without a loss',
};

const OUTCOME: Readonly<Record<DisputeStanding, string>> = {
  inquiry: 'The bank asks on; no money was taken.',
  open: 'It was taken up again, and the money is with the bank.',
  won: 'The money is back with us, and the payment can be refunded again. The fee is not returned.',
  lost: 'The money stays with the customer and is booked as a loss. The booking stays as it was: if it is still ahead, decide whether it goes on.',
  dropped: 'No money was taken, and nothing is left to do.',
};

function overReturnedIn({ dispute }: NoticeFacts, advice = ''): string | null {
  if (!dispute?.overReturned) return null;
  return `More went back than was ever taken: ${formatMoney(dispute.overReturned)}. ${advice}`.trim();
}

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
  return facts.charged
    ? 'Under its cancellation policy nothing comes back for this booking.'
    : 'You have not been charged.';
}

const hasVouchers = ({ vouchers }: NoticeFacts): boolean => vouchers !== 'none';
const hasRefund = ({ refund }: NoticeFacts): boolean => refund !== null && refund.minor > 0;
const refundOf = ({ refund }: NoticeFacts): string => (refund ? formatMoney(refund) : 'your money');
const activityOf = ({ activity }: NoticeFacts): string => activity ?? 'your booking';
const nameOf = ({ bookingNumber }: NoticeFacts): string => bookingNumber ?? 'unknown';
const actionOf = (label: string, url: string | null): Letter['action'] => (url ? { label, url } : null);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const clipped = (text: string): string => (text.length > 60 ? `${text.slice(0, 59).trimEnd()}…` : text);

/** Reasons come from many places: some end in a full stop, some do not. */
const sentence = (text: string): string => (/[.!?。]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
