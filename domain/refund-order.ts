// A refund as a gateway is asked for it, and what it makes of it.
import type { Money } from './money.ts';

export interface RefundOrder {
  readonly refundId: string;
  readonly bookingId: string;
  readonly paymentRef: string;
  readonly amount: Money;
  readonly reason: string;
  /** When the last call for it was written down: to a look, of one that may have had an effect; to a refund, of itself. */
  readonly askedAt?: string;
  /** What its gateway said then; not there where a call is only presumed, or an older version made it. */
  readonly before?: RefundBaseline;
  /** The other returns of this payment that our books know to be made: what is beyond them at a gateway that takes no name of ours may be this one. */
  readonly beside: { readonly returned: Money; readonly refs: readonly string[] };
}

export type RefundFact =
  | { kind: 'succeeded'; ref: string }
  | { kind: 'pending'; ref: string }
  | { kind: 'failed'; ref: string | null; code: string; message: string }
  /** Nothing is left to give back: somebody refunded this payment already. */
  | { kind: 'nothing_left'; message: string };

/** What a gateway that knows refunds by no name of ours says of a payment at one moment. */
export interface RefundBaseline {
  /** What may still go back; null where it does not say. */
  readonly leftMinor: number | null;
  /** How many refunds were tried, well or badly: of those none is ever taken away. */
  readonly attempts: number;
}
