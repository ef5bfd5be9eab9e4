// How a booking stands: in our database, and at each of the others, who keep books of their own.
import type { Fault } from '../../sim/faults.ts';
import { mailsTo } from '../../sim/mail/state.ts';
import { mailOf } from './shop.ts';
import type { Intent } from './shop.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export interface Outcome {
  readonly status: string;
  /** Supplier orders under any generation of our reference. */
  readonly orders: readonly string[];
  /** Every movement of our balance at Klook for these orders, in minor units. */
  readonly debits: readonly number[];
  readonly credits: readonly number[];
  readonly intents: number;
  readonly captures: readonly number[];
  readonly refunds: readonly number[];
  /** Subjects of the letters the customer got, oldest first, less the number of the booking. */
  readonly letters: readonly string[];
}

export const LETTERS = {
  confirmed: 'Your booking HF-… is confirmed',
  declined: 'Your payment for booking HF-… did not go through',
  expired: 'Your booking HF-… has expired',
  refunded: 'Refund for your booking HF-…',
  letGo: 'We could not get your booking HF-…',
  tooLate: 'Your payment for booking HF-… came too late; we have sent it back',
} as const;

/** The order of `orderFor`, bought and paid for once. */
export const BOUGHT_ONCE: Outcome = {
  status: 'confirmed',
  orders: ['confirmed'],
  debits: [-4250],
  credits: [],
  intents: 1,
  captures: [4675],
  refunds: [],
  letters: [LETTERS.confirmed],
};

/** The same, paid and given back in full once, before anything was paid to the supplier. */
export const GIVEN_BACK: Outcome = {
  ...BOUGHT_ONCE,
  status: 'refunded',
  orders: [],
  debits: [],
  refunds: [4675],
  letters: [LETTERS.refunded],
};

/** What Stripe keeps of it: all that a refund leaves in the books. */
const FEE_MINOR = 166;
export const GIVEN_BACK_LEDGER = { gateway_fees: FEE_MINOR, gateway_clearing: -FEE_MINOR };

export async function outcomeOf(stack: Stack, intent: Intent): Promise<Outcome> {
  const { booking_id: bookingId, agent_order_id: ourRef } = intent;
  const { state: stripe } = stack.stripe;
  const { state: klook } = stack.klook;
  const isOurs = (ref: string): boolean => ref === ourRef || new RegExp(`^${ourRef}-r\\d+$`).test(ref);
  const orders = klook.orders.values().filter((order) => isOurs(order.agentOrderId));
  const moved = (type: 'debit' | 'credit') =>
    klook.ledger
      .values()
      .filter((line) => line.type === type && orders.some(({ id }) => id === line.order))
      .map(({ amountMinor }) => amountMinor);
  const intents = stripe.intents.values().filter(({ metadata }) => metadata['booking_id'] === bookingId);
  const of = ({ payment_intent: ref }: { payment_intent: string | null }) => intents.some(({ id }) => id === ref);
  const charges = stripe.charges.values().filter((charge) => of(charge) && charge.captured);
  const refunds = stripe.refunds.values().filter((refund) => of(refund) && refund.status !== 'failed');
  return {
    status: await statusOf(stack, bookingId),
    orders: orders.map(({ status }) => status),
    debits: moved('debit'),
    credits: moved('credit'),
    intents: intents.length,
    captures: charges.map(({ amount }) => amount),
    refunds: refunds.map(({ amount }) => amount),
    letters: mailsTo(stack.mail.state, mailOf(ourRef))
      .toReversed()
      .map(({ subject }) => subject.replace(/HF-[0-9A-Z]{8}/, 'HF-…')),
  };
}

async function statusOf({ rows }: Stack, bookingId: string): Promise<string> {
  const [row] = await rows<{ status: string }>('select status from bookings where id = $1', [bookingId]);
  return row?.status ?? 'absent';
}

export async function untilStatus(stack: Stack, intent: Intent, status: string, withinMs?: number): Promise<void> {
  const { booking_id: bookingId } = intent;
  await until({
    what: `${bookingId} to be ${status}`,
    look: async () => (await statusOf(stack, bookingId)) === status,
    ...(withinMs === undefined ? {} : { withinMs }),
    instead: () => factsOf(stack, bookingId),
  });
}

/** The letter that ends a road goes out a moment after the state is reached. */
export async function untilLetter(
  stack: Stack,
  intent: Intent,
  letter: keyof typeof LETTERS,
  withinMs?: number,
): Promise<void> {
  await until({
    what: `the letter "${LETTERS[letter]}"`,
    look: async () => (await outcomeOf(stack, intent)).letters.includes(LETTERS[letter]),
    ...(withinMs === undefined ? {} : { withinMs }),
    instead: () => outcomeOf(stack, intent),
  });
}

/** Confirmed, and the customer told. */
export async function untilBought(stack: Stack, intent: Intent, withinMs?: number): Promise<void> {
  await untilStatus(stack, intent, 'confirmed', withinMs);
  await untilLetter(stack, intent, 'confirmed', withinMs);
}

export async function untilGivenBack(stack: Stack, intent: Intent, withinMs?: number): Promise<void> {
  await untilStatus(stack, intent, 'refunded', withinMs);
  await untilLetter(stack, intent, 'refunded', withinMs);
}

export const factsOf = async ({ rows }: Stack, bookingId: string): Promise<string[]> => {
  const facts = await rows<{ type: string }>('select type from booking_events where booking_id = $1 order by seq', [
    bookingId,
  ]);
  return facts.map(({ type }) => type);
};

/** Balance of each ledger account that is not zero. */
export async function ledgerOf({ rows }: Stack, bookingId: string): Promise<Record<string, number>> {
  const sums = await rows<{ account: string; sum: number }>(
    `select account, sum(minor)::int as sum from ledger_postings p
       join ledger_transactions t on t.id = p.transaction_id
      where t.booking_id = $1 group by account having sum(minor) <> 0`,
    [bookingId],
  );
  return Object.fromEntries(sums.map(({ account, sum }) => [account, sum]));
}

interface Sim {
  readonly state: { readonly faults: { add(input: unknown): Fault | string } };
}

/** The fault as the stand-in keeps it: `hits` goes on counting. */
export function arm({ state }: Sim, fault: Partial<Fault>): Fault {
  const armed = state.faults.add(fault);
  if (typeof armed === 'string') throw new Error(armed);
  return armed;
}

export const untilHit = (fault: Fault, times = 1): Promise<unknown> =>
  until({ what: `${fault.kind} on ${fault.match}`, look: () => fault.hits >= times });
