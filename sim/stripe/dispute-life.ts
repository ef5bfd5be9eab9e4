// What becomes of a dispute: the customer's bank opens it, takes the money, weighs evidence and closes it.
import { behaviourOf } from './cards.ts';
import { book } from './charges.ts';
import { announce, intentIn } from './events.ts';
import type { Cause } from './events.ts';
import { objectId, unixNow } from './objects.ts';
import type { Charge, Dispute, DisputeStatus, StripeEvent } from './objects.ts';
import type { World } from './state.ts';

/** Assumed: what Stripe asks for a dispute, in the charge's currency; never given back. */
const FEE = 1_500;
const ANSWER_WITHIN_S = 9 * 86_400;

const CASES: Record<string, { network: string; inquiry?: true }> = {
  fraudulent: { network: '10.4' },
  product_not_received: { network: '13.1' },
  general: { network: '10', inquiry: true },
};

export const REASONS = Object.keys(CASES);

/** Called with every event: some cards dispute what they have paid. */
export function disputeAfter(world: World, event: StripeEvent): void {
  if (event.type !== 'payment_intent.succeeded') return;
  const charge = world.charges.get(intentIn(event)?.latest_charge ?? '');
  const wallet = charge && world.wallets.get(charge.payment_method);
  if (charge && behaviourOf(wallet?.number ?? '').dispute) {
    world.agenda.add('dispute', charge.id, world.settings.disputeMs);
  }
}

/** Task: the customer's bank disputes a charge, for the reason that its card stands for. */
export function disputeByCard(world: World, chargeId: string): void {
  const charge = world.charges.get(chargeId);
  const kind = charge && behaviourOf(world.wallets.get(charge.payment_method)?.number ?? '').dispute;
  if (charge && kind) openDispute(world, charge, { reason: kind === 'inquiry' ? 'general' : kind });
}

/** Assumed: a bank disputes what has not been given back. */
export function openDispute(
  world: World,
  charge: Charge,
  { reason, amount: asked }: { reason: string; amount?: number | undefined },
): Dispute | undefined {
  const left = charge.amount_captured - charge.amount_refunded;
  const amount = Math.min(asked ?? left, charge.amount_captured);
  if (amount < 1 || openDisputeOf(world, charge.id)) return undefined;
  const { network = '10', inquiry = false } = CASES[reason] ?? {};
  const dispute = world.disputes.put({
    id: objectId('du'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: unixNow(),
    currency: charge.currency,
    evidence: {},
    evidence_details: {
      due_by: unixNow() + ANSWER_WITHIN_S,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    network_reason_code: network,
    payment_intent: charge.payment_intent,
    payment_method_details: {
      type: 'card',
      card: { brand: 'visa', case_type: inquiry ? 'inquiry' : 'chargeback', network_reason_code: network },
    },
    reason,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  });
  world.charges.put({ ...charge, disputed: true });
  announce(world, { type: 'charge.dispute.created', object: dispute, cause: null });
  return inquiry ? dispute : withdraw(world, dispute);
}

function withdraw(world: World, dispute: Dispute): Dispute {
  const taken = adjust(world, dispute, { amount: -dispute.amount, fee: FEE });
  announce(world, { type: 'charge.dispute.funds_withdrawn', object: taken, cause: null });
  return taken;
}

function adjust(world: World, dispute: Dispute, { amount, fee }: { amount: number; fee: number }): Dispute {
  const { id: source, currency } = dispute;
  const entry = book(world, { type: 'adjustment', category: 'dispute', amount, fee, currency, source });
  return world.disputes.put({ ...dispute, balance_transactions: [...dispute.balance_transactions, entry] });
}

export const isClosed = ({ status }: Dispute): boolean => CLOSED.has(status);
const CLOSED = new Set<DisputeStatus>(['won', 'lost', 'warning_closed']);

const openDisputeOf = (world: World, chargeId: string): Dispute | undefined =>
  world.disputesByCharge.all(chargeId).find((dispute) => !isClosed(dispute));

/** Assumed: an inquiry about money that went back in full has nothing left to ask. */
export function endInquiry(world: World, chargeId: string, cause: Cause): void {
  const dispute = openDisputeOf(world, chargeId);
  if (dispute?.status.startsWith('warning_')) close(world, dispute, { status: 'warning_closed', cause });
}

/** Task: the bank has read the evidence. Stripe's test words decide; what says nothing stays under review. */
export function judge(world: World, id: string): void {
  const dispute = world.disputes.get(id);
  if (!dispute || !['under_review', 'warning_under_review'].includes(dispute.status)) return;
  const inquiry = dispute.status === 'warning_under_review';
  switch (dispute.evidence['uncategorized_text'] ?? '') {
    case 'winning_evidence':
      return void close(world, dispute, { status: inquiry ? 'warning_closed' : 'won', cause: null });
    case 'losing_evidence':
      return void (inquiry ? escalate(world, dispute) : close(world, dispute, { status: 'lost', cause: null }));
    case 'escalate_inquiry_evidence':
      return void (inquiry && escalate(world, dispute));
  }
}

/** The inquiry becomes a dispute: only now is the money taken. */
function escalate(world: World, dispute: Dispute): void {
  const raised = world.disputes.put({ ...dispute, status: 'needs_response', is_charge_refundable: false });
  announce(world, {
    type: 'charge.dispute.updated',
    object: raised,
    cause: null,
    previous: { status: dispute.status },
  });
  withdraw(world, raised);
}

export function close(
  world: World,
  dispute: Dispute,
  { status, cause }: { status: DisputeStatus; cause: Cause },
): Dispute {
  const ended = world.disputes.put({ ...dispute, status });
  const settled = status === 'won' ? adjust(world, ended, { amount: dispute.amount, fee: 0 }) : ended;
  announce(world, { type: 'charge.dispute.closed', object: settled, cause, previous: { status: dispute.status } });
  if (status === 'won') announce(world, { type: 'charge.dispute.funds_reinstated', object: settled, cause });
  return settled;
}
