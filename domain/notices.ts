// Which notices exist, whom they are for, and what a letter needs to know.
import type { Stuck } from './attention-advice.ts';
import type { LocalMoment } from './display.ts';
import type { Brand } from './documents.ts';
import type { Money } from './money.ts';
import type { DisputeStanding } from './payment.ts';
import type { Detail } from './product.ts';

export const CUSTOMER_NOTICES = [
  'booking_confirmed',
  'voucher_ready',
  'payment_failed',
  'booking_expired',
  'booking_cancelled',
  'hold_released',
  'booking_refunded',
  'duplicate_refunded',
  'late_payment_refunded',
  'mispaid_refunded',
] as const;
export type CustomerNotice = (typeof CUSTOMER_NOTICES)[number];

export const STAFF_NOTICES = [
  'needs_attention',
  'webhook_failed',
  'low_balance',
  'late_payment',
  'refund_waits',
  'refund_lapsed',
  'dispute_opened',
  'dispute_closed',
  'reconciliation_finding',
] as const;
export type StaffNotice = (typeof STAFF_NOTICES)[number];

/** What a letter says that is about no booking. */
export interface HouseNews {
  readonly reason: string;
  readonly amount: Money | null;
}

export type NoticeKind = CustomerNotice | StaffNotice;

export const audienceOf = (kind: NoticeKind): 'customer' | 'staff' =>
  STAFF_NOTICES.some((staff) => staff === kind) ? 'staff' : 'customer';

/** The bank's case against a payment, for staff. */
export interface DisputeTold {
  readonly standing: DisputeStanding;
  readonly amount: Money;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly evidenceDueBy: string | null;
  /** More went back than was ever taken. */
  readonly overReturned: Money | null;
}

/** What is known when the letter is written; null is left out of it, never printed. */
export interface NoticeFacts {
  readonly brand: Brand;
  readonly bookingNumber: string | null;
  readonly activity: string | null;
  /** Things were bought: nobody goes anywhere. */
  readonly goods: boolean;
  readonly when: LocalMoment | null;
  /** What was booked, point by point; empty where activity and moment say it all. */
  readonly details: readonly Detail[];
  /** Whom to greet. */
  readonly name: string | null;
  /** Everybody who goes, by full name. */
  readonly travellers: readonly string[];
  readonly vouchers: 'none' | 'to_come' | 'ready';
  /** What the booking costs, or what was taken when something was. */
  readonly amount: Money | null;
  /** Whether anything was taken for this trip: decides what the letter says about the customer's money. */
  readonly charged: boolean;
  /** That was only once the booking was cancelled. */
  readonly paidAfter: boolean;
  /** Whether money was taken for nothing that was asked: it goes back, and no letter may deny it. */
  readonly stray: boolean;
  readonly refund: Money | null;
  /** Staff give it back themselves: no bank is in between. */
  readonly byHand: boolean;
  /** What cancelling gives back, a sentence each. */
  readonly terms: readonly string[];
  /** The booking goes on after a refund in part. */
  readonly stillBooked: boolean;
  /** For customers in words they may read; for staff as it was recorded. */
  readonly reason: string | null;
  /** The step that waits for a person; only in a letter about that. */
  readonly stuck: Stuck | null;
  readonly dispute: DisputeTold | null;
  /** Until when it can be paid; ISO 8601 UTC. */
  readonly payBefore: string | null;
  readonly links: {
    readonly view: string | null;
    readonly payAgain: string | null;
    readonly documents: string | null;
    readonly ops: string | null;
  };
}

export interface Letter {
  readonly subject: string;
  /** The line a mail program shows beside the subject. */
  readonly preheader: string;
  readonly brand: string;
  readonly greeting: string | null;
  readonly paragraphs: readonly string[];
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly action: { readonly label: string; readonly url: string } | null;
  readonly footer: readonly string[];
}
