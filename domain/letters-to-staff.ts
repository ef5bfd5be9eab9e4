// What staff are told: what happened, and what there is to decide or to do.
import { adviceOn, waitsForStaff } from './attention-advice.ts';
import { formatMoney, formatUtc } from './display.ts';
import { actionOf, clipped, nameOf, refundOf, sentence } from './letter-words.ts';
import type { Write } from './letter-words.ts';
import type { NoticeFacts, StaffNotice } from './notices.ts';
import type { DisputeStanding } from './payment.ts';

export const TO_STAFF: Readonly<Record<StaffNotice, Write>> = {
  needs_attention: (facts) => ({
    subject: `Needs attention: ${nameOf(facts)}${facts.reason ? `, ${clipped(facts.reason)}` : ''}`,
    preheader: facts.reason ?? 'A booking waits for a decision.',
    paragraphs: [
      `Booking ${nameOf(facts)} waits for a person${facts.reason ? `: ${sentence(facts.reason)}` : '.'}`,
      facts.stuck && adviceOn(facts.stuck),
      `${HOW_TO_SAY_IT} ${facts.stuck && waitsForStaff(facts.stuck) ? NOTHING_MEANWHILE : TRIED_MEANWHILE}`,
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
    subject: `Late payment for ${nameOf(facts)}${facts.refund ? `, ${formatMoney(facts.refund)} goes back` : ''}`,
    preheader: 'It arrived after the booking had closed.',
    paragraphs: [
      `Money arrived for booking ${nameOf(facts)} after it had closed${facts.refund ? `; ${formatMoney(facts.refund)} goes back in full` : ''}.`,
      facts.reason && sentence(facts.reason),
      'The customer is told when it has gone back. Nothing is left to do unless this happens often.',
    ],
    action: actionOf('Open the booking', facts.links.ops),
  }),

  refund_waits: (facts) => ({
    subject: `Refund waits for approval: ${nameOf(facts)}, ${refundOf(facts)}`,
    preheader: 'It is above what one person may give back.',
    paragraphs: [
      `Somebody wants to give ${refundOf(facts)} back for booking ${nameOf(facts)}. It is above what one person may give back.`,
      'Nothing goes back before another member of staff has approved it: POST /v1/bookings/{id}/refunds/{refundId}/approve. Anybody may withdraw it, whoever asked for it too: …/withdraw.',
    ],
    action: actionOf('Open the booking', facts.links.ops),
  }),

  refund_lapsed: (facts) => ({
    subject: `Refund can no longer be approved: ${nameOf(facts)}, ${refundOf(facts)}`,
    preheader: 'Less than that is left of the payment.',
    paragraphs: [
      `A refund of ${refundOf(facts)} for booking ${nameOf(facts)} waited for approval. Less than that is left of the payment by now, so it has ended and nothing goes back.`,
      'Whoever wants to give back what is left asks for a new refund.',
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

const HOW_TO_SAY_IT =
  'Say it with POST /v1/bookings/{id}/retry, …/resolve {"outcome":"done"} or {"outcome":"impossible"}, or …/compensate; or with the updates retryStep, resolve and compensate of the workflow that the button opens.';
const TRIED_MEANWHILE = 'Meanwhile the step is tried again by itself, with growing pauses.';
const NOTHING_MEANWHILE = 'Nothing is tried by itself meanwhile.';

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
