// What the contract suite must be able to do at every gateway, whoever its customers and signatures are.
import type { Gateway, GatewayName, Started } from '../../domain/payment.ts';
import { startChipBench } from './chip-bench.ts';
import { startStripeCheckoutBench } from './stripe-checkout-bench.ts';
import { startStripeIntentBench } from './stripe-intent-bench.ts';

export interface Delivery {
  readonly raw: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface GatewayBench {
  readonly gateway: Gateway;
  /** Asked again for a payment whose answer was lost, it finds the first, or nobody can: then the first must be payable by nobody. */
  readonly repeats: 'find the first' | 'make another';
  /** Fresh pages, fresh books, no faults. */
  reset(): Promise<void>;
  /** The customer pays at the gateway, as a browser would. */
  pay(started: Started): Promise<void>;
  /** The customer tries a card that is declined. */
  decline(started: Started): Promise<void>;
  /** The customer pays by something that takes the gateway a while. */
  payWithDelay(started: Started): Promise<void>;
  /** The next call that makes, takes or gives back a payment takes effect and loses its answer. */
  loseAnswer(call: 'start' | 'capture' | 'refund'): Promise<void>;
  /** All later calls fail before they take effect, until `reset`. */
  goDown(): Promise<void>;
  /** What the gateway holds. */
  counts(): { payments: number; refunds: number };
  /** The webhook that tells of this payment's success, as it was sent. */
  successWebhook(started: Started): Promise<Delivery>;
  /** The same body signed anew. A gateway that does not date its signatures has no stale ones. */
  sign(raw: Uint8Array, how: 'by the next key' | 'by a stranger'): Delivery;
  signStale: ((raw: Uint8Array) => Delivery) | undefined;
  /** Where customers' banks may dispute what was paid. */
  readonly disputes?: DisputeBench;
  stop(): Promise<void>;
}

export interface DisputeBench {
  open(started: Started, how: 'chargeback' | 'inquiry', amountMinor?: number): Promise<void>;
  /** Evidence goes out, and the bank decides. */
  decide(started: Started, verdict: 'for us' | 'against us'): Promise<void>;
  /** The webhook that tells of the dispute, as it was sent. */
  webhook(started: Started, of: 'opening' | 'closing'): Promise<Delivery>;
}

/** Gateways without anybody outside who could be asked, lose an answer or sign anything; each says so in its own test. */
const WITHOUT_VENDOR = { on_arrival: 'staff take the money at the desk' } satisfies Partial<
  Record<GatewayName, string>
>;
type AtVendor = Exclude<GatewayName, keyof typeof WITHOUT_VENDOR>;

export const isAtVendor = (name: GatewayName): name is AtVendor => !Object.hasOwn(WITHOUT_VENDOR, name);

export const benches = {
  stripe_intent: startStripeIntentBench,
  stripe_checkout: startStripeCheckoutBench,
  chip: startChipBench,
} satisfies Record<AtVendor, () => Promise<GatewayBench>>;
