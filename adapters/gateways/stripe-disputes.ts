// Disputes at Stripe: what the customer's bank asks or takes, and how far it has come.
import type Stripe from 'stripe';
import { z } from 'zod';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { GatewayUnreachable } from '../../domain/payment.ts';
import type { DisputeRead, DisputeStanding, PaymentFact } from '../../domain/payment.ts';
import type { IntentWire } from './stripe-facts.ts';
import { chargeOf, isoOf } from './stripe-facts.ts';
import { isNotFound } from './stripe-routes.ts';
import { expandableId, moneyOf, readAs } from './stripe.ts';

const disputeWire = z.object({
  id: z.string(),
  object: z.literal('dispute').nullish(),
  status: z.string(),
  reason: z.string(),
  amount: z.int(),
  currency: z.string(),
  created: z.int(),
  payment_intent: expandableId.nullish(),
  charge: expandableId.nullish(),
  // Where they cannot be read the fee is not known; the dispute itself is all the same.
  balance_transactions: z
    .array(z.object({ fee: z.int(), currency: z.string() }))
    .nullish()
    .catch(null),
  evidence_details: z.object({ due_by: z.int().nullish() }).nullish(),
});
type DisputeWire = z.output<typeof disputeWire>;

const STANDINGS = new Map<string, DisputeStanding>([
  ['warning_needs_response', 'inquiry'],
  ['warning_under_review', 'inquiry'],
  ['warning_closed', 'dropped'],
  // Settled by a refund before it became a dispute; the refund speaks for itself.
  ['prevented', 'dropped'],
  ['needs_response', 'open'],
  ['under_review', 'open'],
  ['appeal_needs_response', 'open'],
  ['appeal_under_review', 'open'],
  ['won', 'won'],
  ['lost', 'lost'],
]);

/** Stripe marks a charge that was ever disputed, for good: where it says that this one never was, there is nothing to list. */
export async function withDisputes(stripe: Stripe, fact: PaymentFact, intent: IntentWire): Promise<PaymentFact> {
  const mayBe = chargeOf(intent)?.disputed ?? intent.status === 'succeeded';
  if (!mayBe) return fact;
  const disputes = await disputesOf(stripe, intent);
  return { ...fact, disputes: disputes.toSorted((a, b) => a.openedAt.localeCompare(b.openedAt)) };
}

async function disputesOf(stripe: Stripe, intent: IntentWire): Promise<DisputeRead[]> {
  const disputes: DisputeRead[] = [];
  try {
    for await (const answer of stripe.disputes.list({ payment_intent: intent.id, limit: 100 })) {
      const dispute = readAs(disputeWire, answer);
      if (isOf(intent, dispute)) disputes.push(factOf(dispute));
    }
  } catch (error) {
    // A server without such a list knows of no dispute, unless it has just said so.
    if (!isNotFound(error)) throw error;
    if (chargeOf(intent)?.disputed)
      throw new GatewayUnreachable(`Stripe calls ${intent.id} disputed without saying how`, { cause: error });
  }
  return disputes;
}

/** A simple server may list all there are. */
function isOf(intent: IntentWire, { payment_intent, charge }: DisputeWire): boolean {
  if (payment_intent) return payment_intent === intent.id;
  const own = chargeOf(intent)?.id ?? intent.latest_charge;
  return !charge || !own || charge === own;
}

function factOf(dispute: DisputeWire): DisputeRead {
  const dueBy = dispute.evidence_details?.due_by;
  return {
    ref: dispute.id,
    // Stripe adds states; in one we do not know the bank may have the money, so nothing is refunded.
    standing: STANDINGS.get(dispute.status) ?? 'open',
    wireStatus: dispute.status,
    reason: dispute.reason,
    amount: moneyOf(dispute.amount, dispute.currency),
    fee: feeOf(dispute),
    evidenceDueBy: dueBy ? isoOf(dueBy) : null,
    openedAt: isoOf(dispute.created),
    ...(mayFollowVerdict(dispute.status) && { isTakenUpAgain: true }),
  };
}

/** Stripe tells an appeal by words of its own; of a word we do not know the later is assumed. */
const mayFollowVerdict = (status: string): boolean => status.startsWith('appeal_') || !STANDINGS.has(status);

/** Taken in the settlement currency; in any other than the customer's it says nothing about his payment. */
function feeOf({ balance_transactions: moves, currency }: DisputeWire): Money | null {
  const ours = moves?.filter((move) => move.currency === currency) ?? [];
  if (ours.length === 0) return null;
  return money(
    ours.reduce((sum, { fee }) => sum + fee, 0),
    currency.toUpperCase(),
  );
}
