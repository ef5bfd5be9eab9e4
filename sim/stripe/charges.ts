// Charges and the balance transactions that say what they earned.
import { behaviourOf } from './cards.ts';
import type { Behaviour, Decline } from './cards.ts';
import { feeFor } from './currencies.ts';
import { announce } from './events.ts';
import { objectId, unixNow } from './objects.ts';
import type { BalanceTransaction, Charge, Intent } from './objects.ts';
import type { Wallet, World } from './state.ts';

const DAY = 86_400;

export function makeCharge(
  world: World,
  { intent, wallet, decline }: { intent: Intent; wallet: Wallet; decline?: Decline | undefined },
): Charge {
  const captured = !decline && intent.capture_method !== 'manual';
  const behaviour = behaviourOf(wallet.number);
  const charge: Charge = {
    id: objectId(wallet.method.type === 'card' ? 'ch' : 'py'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    balance_transaction: null,
    billing_details: wallet.method.billing_details,
    captured,
    created: unixNow(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    livemode: false,
    metadata: intent.metadata,
    outcome: outcomeOf(behaviour, decline),
    paid: !decline,
    payment_intent: intent.id,
    payment_method: wallet.id,
    payment_method_details: detailsOf(wallet, captured || decline ? {} : holdOf(world)),
    receipt_email: intent.receipt_email,
    receipt_url: decline ? null : `${world.url}/receipts/${intent.id}`,
    refunded: false,
    status: decline ? 'failed' : 'succeeded',
  };
  if (captured && intent.capture_method === 'automatic') return world.charges.put(earned(world, charge));
  if (captured) world.agenda.add('settle', charge.id, world.settings.balanceMs);
  return world.charges.put(charge);
}

/** The charge that holds a `requires_capture` intent's money. */
export function authorised(world: World, intent: Intent): Charge {
  const charge = world.charges.get(intent.latest_charge ?? '');
  if (!charge) throw new Error(`${intent.id} holds money without a charge`);
  return charge;
}

export function captureCharge(world: World, charge: Charge, amount: number): Charge {
  world.agenda.add('settle', charge.id, world.settings.balanceMs);
  return world.charges.put({ ...charge, captured: true, amount_captured: amount });
}

export function releaseHold(world: World, charge: Charge): Charge {
  return world.charges.put({ ...charge, amount_refunded: charge.amount, refunded: true });
}

/** Task: the balance transaction arrives some time after an asynchronous capture. */
export function settleCharge(world: World, id: string): void {
  const charge = world.charges.get(id);
  if (!charge || charge.balance_transaction !== null) return;
  const settled = world.charges.put(earned(world, charge));
  announce(world, {
    type: 'charge.updated',
    object: settled,
    cause: null,
    previous: { balance_transaction: null },
  });
}

function earned(world: World, charge: Charge): Charge {
  const transaction = book(world, {
    type: 'charge',
    amount: charge.amount_captured,
    fee: feeFor(charge.amount_captured, charge.currency),
    currency: charge.currency,
    source: charge.id,
    available: behaviourOf(world.wallets.get(charge.payment_method)?.number ?? '').available === true,
  });
  return { ...charge, balance_transaction: transaction.id };
}

type Booking = Pick<BalanceTransaction, 'type' | 'amount' | 'fee' | 'currency' | 'source'> & {
  available?: boolean;
  /** What reports call it, where that is not its type. */
  category?: string;
};

/** Assumed: settlement in the currency of the charge, no conversion. */
export function book(world: World, { available, category, ...entry }: Booking): BalanceTransaction {
  const { amount, fee, currency } = entry;
  return world.balanceTransactions.put({
    id: objectId('txn'),
    object: 'balance_transaction',
    ...entry,
    available_on: unixNow() + (available ? 0 : 2 * DAY),
    created: unixNow(),
    description: null,
    exchange_rate: null,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              currency,
              description: category === 'dispute' ? 'Dispute fee' : 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: amount - fee,
    reporting_category: category ?? entry.type,
    status: available ? 'available' : 'pending',
  });
}

function outcomeOf(behaviour: Behaviour, decline: Decline | undefined): Record<string, unknown> {
  if (!decline) {
    return {
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  }
  return {
    network_status: behaviour.blocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: behaviour.blocked ? 'highest_risk_level' : (decline.decline_code ?? decline.code),
    risk_level: behaviour.blocked ? 'highest' : 'normal',
    seller_message: behaviour.blocked
      ? 'Stripe blocked this payment as too risky.'
      : 'The bank did not return any further details with this decline.',
    type: behaviour.blocked ? 'blocked' : 'issuer_declined',
  };
}

/** Only a hold says until when it can be captured. */
const holdOf = ({ settings }: World) => ({ capture_before: unixNow() + Math.floor(settings.holdMs / 1000) });

function detailsOf({ method }: Wallet, hold: Record<string, unknown>): Record<string, unknown> {
  if (method.type === 'us_bank_account') return { type: method.type, us_bank_account: method.us_bank_account };
  const card = method.card;
  return {
    type: 'card',
    card: card && {
      brand: card.brand,
      country: card.country,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      funding: card.funding,
      last4: card.last4,
      network: card.brand,
      three_d_secure: null,
      wallet: null,
      ...hold,
    },
  };
}
