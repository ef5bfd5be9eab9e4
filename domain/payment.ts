// What a gateway is to us. Vendor words stay behind this interface.
import type { Money } from './money.ts';
import { Rejected, Unreachable } from './unanswered.ts';
import type { RefundBaseline, RefundFact, RefundOrder } from './refund-order.ts';

export const GATEWAYS = ['stripe_intent', 'stripe_checkout', 'chip', 'on_arrival'] as const;
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

/** Who pays: personal data, in no history, no log and no error. */
export interface Payer {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  /** Null where nothing is sent to them. */
  readonly street: string | null;
  readonly city: string | null;
  readonly zip: string | null;
  readonly state: string | null;
  /** ISO 3166, two letters. */
  readonly country: string;
}

/** As the customer knows it; what is added to or taken off the lines is not among them. */
export interface PaymentLine {
  readonly name: string;
  readonly count: number;
  readonly unit: Money;
}

export interface ReturnUrls {
  readonly success: string;
  readonly failure: string;
  readonly cancel: string;
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
  readonly returnUrls: ReturnUrls | null;
  /** What the customer's own words for it lead back to: a cart, else a booking's number. */
  readonly reference: string;
  /** Only for gateways that ask for one. */
  readonly payer: Payer | null;
  readonly lines: readonly PaymentLine[];
  /** What may be paid with, in the storefront's words; empty: anything. */
  readonly methods: readonly string[];
  /** Further references for the gateway's own records: ids only, never personal data. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type Started =
  | { kind: 'confirm'; ref: string; clientSecret: string; status: PaymentStatus; wireStatus: string }
  | { kind: 'redirect'; ref: string; url: string; wireStatus: string }
  | { kind: 'due_on_arrival'; ref: string }
  | { kind: 'refused'; code: string; message: string };

/** What a payer needs to pay. */
export type PaymentDoor = { kind: 'confirm'; clientSecret: string } | { kind: 'redirect'; url: string };

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
  /** In its own words, as JSON, for whoever asks how we knew; absent where nobody outside was asked. */
  readonly answer?: string;
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
  /** Changes nothing for us; whose it is is kept all the same: its body may name a person, and later news may leave it out. */
  | {
      kind: 'ignored';
      eventId: string;
      type: string;
      objectRef: string | null;
      paymentRef: string | null;
      bookingId: string | null;
      paymentId: string | null;
    }
  | { kind: 'forged'; reason: string };

/** In what pieces a payment's money may go back. */
export type Returnable = 'any' | 'whole_only' | 'parts_only' | 'not_at_all';

/** A way to pay, as a page shows it. */
export interface MethodOffered {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly icon: string | null;
  readonly group: MethodGroup;
}
export type MethodGroup = 'card' | 'fpx' | 'qr' | 'ewallet' | 'bnpl' | 'crypto' | 'other';

/** Money that bears our name at a gateway, as its list has it. */
export interface PaymentListed {
  readonly ref: string;
  readonly gateway: GatewayName;
  readonly bookingId: string;
  readonly paymentId: string | null;
  /** Nothing, while it is neither taken nor held. */
  readonly taken: Money;
}

/** A refund of a payment that bears our name. */
export interface RefundListed {
  readonly ref: string;
  readonly gateway: GatewayName;
  readonly bookingId: string;
  /** Null: made beside us, as in the gateway's dashboard. */
  readonly refundId: string | null;
  readonly amount: Money;
  /** Neither failed nor called off. */
  readonly isMade: boolean;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null;
}

/** What was made since then, from where the page before ended. */
export interface PageAsked {
  readonly since: Date;
  readonly after: string | null;
}

export interface Gateway {
  readonly name: GatewayName;
  /** Its page is made out to somebody. */
  readonly asksForPayer?: true;
  /** Nobody outside can be asked: what our books say is all there is. */
  readonly hasNoRecords?: true;
  /** It takes no name of ours for a refund, so that two under way at once could not be told apart. */
  readonly refundsOneByOne?: true;
  /** What it says before it is asked for one, where only what changed since tells what came of it. */
  beforeRefund?(ref: string): Promise<RefundBaseline>;
  /** The least that can be charged, in minor units; 0 when the gateway has no floor. */
  minimumMinor(currency: string): number;
  /** Same key, same payment; where a gateway keeps no keys, what an unanswered call made is payable by nobody and closes by itself. */
  start(order: PaymentOrder, key: string): Promise<Started>;
  look(ref: string): Promise<PaymentFact>;
  /** As `start` gave it, for when it was lost; null where nothing is shown any more. */
  door?(ref: string): Promise<PaymentDoor | null>;
  close(ref: string): Promise<Closed>;
  /** Takes money that is held, all of it; taking twice is taking once. */
  capture(ref: string): Promise<Taken>;
  refund(order: RefundOrder, key: string): Promise<RefundFact>;
  /** Where that depends on how it was paid. */
  returnable?(ref: string): Promise<Returnable>;
  /** Finds a refund of ours by its id, for when the answer to `refund` was lost. */
  lookRefund(order: RefundOrder): Promise<RefundFact | { kind: 'absent' }>;
  /**
   * Authenticates and reads. Where a gateway's webhooks have keys of their own, `webhookId` names the one it came by;
   * throws when the key cannot be had, for then nobody knows whether it is genuine.
   */
  readWebhook(
    raw: Uint8Array,
    header: (name: string) => string | undefined,
    webhookId?: string,
  ): Promise<WebhookReading>;
  /** What bears our name, where the gateway keeps lists. One that does speaks for all gateways of the same account. */
  listPayments?(asked: PageAsked): Promise<Page<PaymentListed>>;
  listRefunds?(asked: PageAsked): Promise<Page<RefundListed>>;
  /** What customers may choose from, where they choose before they come to its page; with `amount`, for that much. */
  paymentMethods?(currency: string, amount?: Money): Promise<readonly MethodOffered[]>;
}

export class GatewayUnreachable extends Unreachable {
  override readonly name = 'GatewayUnreachable';
}

const UNKNOWN_THERE = new Set(['resource_missing', 'not_found', 'http_404']);

/** It has no such payment, which is an answer; any other refusal says nothing about the payment. */
export const isUnknownThere = (error: unknown): boolean =>
  error instanceof GatewayRejected && UNKNOWN_THERE.has(error.code);

export class GatewayRejected extends Rejected {
  override readonly name = 'GatewayRejected';
}
