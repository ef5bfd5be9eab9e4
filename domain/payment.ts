// What a gateway is to us. Vendor words stay behind this interface.
import type { Money } from './money.ts';
import { Rejected, Unreachable } from './unanswered.ts';

export const GATEWAYS = ['stripe_intent', 'stripe_checkout', 'on_arrival'] as const;
export type GatewayName = (typeof GATEWAYS)[number];

/** How a payment attempt stands, in our own words. */
export type PaymentStatus =
  | 'opening'
  | 'requires_payment_method'
  | 'requires_action'
  | 'processing'
  | 'authorised'
  | 'succeeded'
  | 'cancelled'
  | 'failed';

/** What one attempt takes, and until when it can be made. */
export interface PaymentTerms {
  readonly charge?: Money;
  readonly expiresAt?: string;
}

export interface PaymentOrder {
  readonly paymentId: string;
  readonly bookingId: string;
  readonly bookingNumber: string;
  readonly storefront: string;
  readonly amount: Money;
  readonly capture: 'automatic' | 'manual';
  readonly description: string;
  /** When our own window for paying ends; a gateway with limits of its own comes as close as it may. */
  readonly expiresAt: string;
  /** Where a page of the gateway's own sends its customer; null where none is shown. */
  readonly returnUrls: { readonly success: string; readonly cancel: string } | null;
  /** Further references for the gateway's own records: ids only, never personal data. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type Started =
  | { kind: 'confirm'; ref: string; clientSecret: string; status: PaymentStatus; wireStatus: string }
  | { kind: 'redirect'; ref: string; url: string; wireStatus: string }
  | { kind: 'due_on_arrival'; ref: string }
  | { kind: 'refused'; code: string; message: string };

export interface Decline {
  /** Names this one refusal, so that it is counted once however often we hear of it. */
  readonly id: string;
  readonly code: string;
  readonly declineCode: string | null;
  readonly message: string;
}

export interface PaymentMethod {
  readonly type: string;
  readonly brand: string | null;
  readonly last4: string | null;
}

/**
 * Where a dispute stands. `inquiry`: the bank asks, and has taken nothing; `dropped`: it ended without taking anything.
 * `open` and `lost`: the money is with the customer's bank, in the first case until it has decided.
 */
export type DisputeStanding = 'inquiry' | 'open' | 'won' | 'lost' | 'dropped';

export interface DisputeFact {
  /** The gateway's name of it. */
  readonly ref: string;
  readonly standing: DisputeStanding;
  readonly wireStatus: string;
  readonly reason: string;
  readonly amount: Money;
  /** What the gateway keeps for its trouble, whoever wins; null while it says nothing. */
  readonly fee: Money | null;
  readonly evidenceDueBy: string | null;
  readonly openedAt: string;
}

/** A dispute as it was read at the gateway; of two reads the older one may arrive last. */
export interface DisputeRead extends DisputeFact {
  /** In a word that only follows a verdict, or that we do not know: no read from before what we know as closed. */
  readonly isTakenUpAgain?: true;
}

/** What the gateway says of a payment, read from its own API. */
export interface PaymentFact {
  readonly ref: string;
  readonly status: PaymentStatus;
  /** The gateway's own word, shown on the storefronts that promise it. */
  readonly wireStatus: string;
  readonly amount: Money;
  readonly captured: Money | null;
  readonly capturedAt: string | null;
  /** Until when money that is only held can be taken; null when none is. */
  readonly heldUntil: string | null;
  readonly fee: Money | null;
  readonly refunded: Money;
  /** All there ever were, oldest first. */
  readonly disputes: readonly DisputeRead[];
  readonly decline: Decline | null;
  readonly method: PaymentMethod | null;
  readonly bookingId: string | null;
  readonly paymentId: string | null;
}

export type Closed =
  | { kind: 'closed' }
  | { kind: 'already_paid' }
  /** The gateway has the money in flight and will not let go: wait for its word. */
  | { kind: 'in_flight' };

export type Taken =
  | { kind: 'captured' }
  /** The hold is gone or will not be honoured. */
  | { kind: 'refused'; code: string; message: string };

export interface RefundOrder {
  readonly refundId: string;
  readonly bookingId: string;
  readonly paymentRef: string;
  readonly amount: Money;
  readonly reason: string;
}

export type RefundFact =
  | { kind: 'succeeded'; ref: string }
  | { kind: 'pending'; ref: string }
  | { kind: 'failed'; ref: string | null; code: string; message: string }
  /** Nothing is left to give back: somebody refunded this payment already. */
  | { kind: 'nothing_left'; message: string };

export type WebhookReading =
  | {
      kind: 'event';
      eventId: string;
      type: string;
      /** The object the event speaks of and what it would change: effects are deduped by this pair. */
      objectRef: string;
      effect: string;
      /** As the event names it: beside the reference we hold, a gateway may have a name for the money itself. */
      paymentRef: string;
      /** Ours, where the object carries them. */
      bookingId: string | null;
      paymentId: string | null;
    }
  | { kind: 'ignored'; eventId: string; type: string; objectRef: string | null }
  | { kind: 'forged'; reason: string };

export interface Gateway {
  readonly name: GatewayName;
  /** The least that can be charged, in minor units; 0 when the gateway has no floor. */
  minimumMinor(currency: string): number;
  /** Same key, same payment: a repeated call never makes a second one. */
  start(order: PaymentOrder, key: string): Promise<Started>;
  look(ref: string): Promise<PaymentFact>;
  close(ref: string): Promise<Closed>;
  /** Takes money that is held, all of it; taking twice is taking once. */
  capture(ref: string): Promise<Taken>;
  refund(order: RefundOrder, key: string): Promise<RefundFact>;
  /** Finds a refund of ours by its id, for when the answer to `refund` was lost. */
  lookRefund(order: RefundOrder): Promise<RefundFact | { kind: 'absent' }>;
  /** Authenticates and reads; pure but for the clock that ages the signature. */
  readWebhook(raw: Uint8Array, header: (name: string) => string | undefined): Promise<WebhookReading>;
}

export class GatewayUnreachable extends Unreachable {
  override readonly name = 'GatewayUnreachable';
}

export class GatewayRejected extends Rejected {
  override readonly name = 'GatewayRejected';
}
