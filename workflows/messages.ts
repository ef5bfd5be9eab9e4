// Names and shapes that callers and workflows share. Importable anywhere; runs nothing.
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AbandonedAs } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import type { PaymentTerms } from '../domain/payment.ts';
import type { UndoEntry } from '../domain/undo.ts';

export const BOOKING_WORKFLOW = 'bookingWorkflow';
export const LATE_PAYMENT_WORKFLOW = 'latePaymentWorkflow';
export const RECONCILE_WORKFLOW = 'reconcileWorkflow';

/** One at a time for each installation, whoever asked for it. */
export const reconciliationIdOf = (taskQueue: string): string => `reconciliation-${taskQueue}`;

export interface ReconcileInput {
  /** What changed lately or is under way, or everything. */
  readonly scope: 'recent' | 'all';
  /** Present only when a long run goes on in a fresh history. */
  readonly run?: { readonly runId: number; readonly startedAt: string; readonly scope: 'recent' | 'all' };
  readonly after?: string;
}

export interface BookingInput {
  readonly bookingId: string;
  /** Present only when a long-lived booking starts a fresh history. */
  readonly carried?: CarriedState;
}

/** What staff were called for, and the paper for the bank was drawn of. */
export type Attended = Pick<Digest, 'disputes' | 'overReturnedMinor' | 'evidenceTurn'>;

/** What an open booking takes along when its history grows too long: only ever while it is being served. */
export interface CarriedState {
  readonly undo: readonly UndoEntry[];
  readonly seen: readonly string[];
  readonly openResult: OpenResult | null;
  readonly attempt: number;
  readonly documentVersion: number;
  readonly parkedCount: number;
  readonly attended: Attended;
  readonly returned: readonly string[];
  readonly closeAt: string;
}

export interface LatePaymentInput {
  readonly bookingId: string;
  readonly gateway: string;
  readonly paymentRef: string;
}

/** The row of the raw webhook, and the payment at the gateway that it speaks of. */
export interface GatewayNews {
  readonly inboxId: number;
  /** When staff last sent this row again, else 0: each time it is news. */
  readonly replay: number;
  readonly paymentRef: string;
}

export type OpenResult =
  | { kind: 'opened'; paymentId: string }
  | { kind: 'refused'; code: string; message: string }
  /** The booking stands; the customer asks to pay in a request of its own. */
  | { kind: 'pays_later' };

/** A payment attempt beyond the first, after the one before it is dead. */
export interface PayRequest {
  readonly attempt: number;
  readonly terms?: PaymentTerms;
}

export interface StaffRequest {
  readonly actor: string;
}

export interface RefundRequest {
  readonly refundId: string;
  /** Absent: everything that is left. */
  readonly amountMinor: number | null;
  readonly actor: string;
  /** More than this by staff of one booking waits for a second person; null: nobody need be asked. */
  readonly approvalLimitMinor: number | null;
}

export type RefundResult =
  | { kind: 'accepted'; refundId: string; status: 'awaiting_approval' | 'pending' | 'succeeded' | 'failed' }
  | { kind: 'exceeds'; leftMinor: number }
  | {
      kind: 'not_refundable';
      code: 'nothing_captured' | 'in_progress' | 'not_waiting' | 'same_person' | 'payment_disputed';
    };

export type WithdrawResult =
  | { kind: 'withdrawn' }
  /** Somebody approved it, or it never waited. */
  | { kind: 'not_refundable'; code: 'in_progress' | 'not_waiting' };

export interface RefundDecision extends StaffRequest {
  readonly refundId: string;
}

/** Which of the stuck steps is meant; without it: the one there is. */
export interface StepRequest extends StaffRequest {
  readonly attentionId?: string | null;
}

export interface ResolveRequest extends StepRequest {
  /** What the staff member found out: the step is done, or it never will be. */
  readonly outcome: 'done' | 'impossible';
}

export type MarkPaidResult =
  | { kind: 'paid' | 'already_paid' }
  /** The gateway has the customer's money in flight and will not let go of it now. */
  | { kind: 'in_flight' }
  | { kind: 'not_payable'; status: string };

export interface CheckRequest {
  readonly paymentRef: string;
  /** The customer came back from the gateway's page by this of its links: a redirect proves nothing, but is noted. */
  readonly cameBack?: AbandonedAs;
}

export interface CancelRequest extends StaffRequest {
  /** Absent before payment; else what the accepted quote gives back. */
  readonly refundMinor: number | null;
  readonly quoteId: string | null;
}

export type CancelResult =
  | { kind: 'cancelled' }
  /** A bank has the money until it decides. */
  | { kind: 'disputed' }
  | { kind: 'too_late'; status: string };

/** Whether a request of staff found something to act on. */
export type StaffResult = { kind: 'accepted' } | { kind: 'nothing_to_do'; status: string };

export const openUpdate = defineUpdate<OpenResult>('open');
/** Update id `pay-<n>`: the same attempt asked for twice is answered twice and made once. */
export const payUpdate = defineUpdate<OpenResult, [PayRequest]>('pay');
/** Answers once the gateway was asked anew, and what follows from its word is done. */
export const checkPaymentUpdate = defineUpdate<{ status: string }, [CheckRequest]>('checkPayment');
/** Staff have the money in hand. */
export const markPaidUpdate = defineUpdate<MarkPaidResult, [StaffRequest]>('markPaid');
export const cancelUpdate = defineUpdate<CancelResult, [CancelRequest]>('cancel');
export const refundUpdate = defineUpdate<RefundResult, [RefundRequest]>('refund');
export const approveRefundUpdate = defineUpdate<RefundResult, [RefundDecision]>('approveRefund');
export const withdrawRefundUpdate = defineUpdate<WithdrawResult, [RefundDecision]>('withdrawRefund');
export const retryStepUpdate = defineUpdate<StaffResult, [StepRequest]>('retryStep');
export const resolveUpdate = defineUpdate<StaffResult, [ResolveRequest]>('resolve');
export const compensateUpdate = defineUpdate<StaffResult, [StaffRequest]>('compensate');
export const resendUpdate = defineUpdate<StaffResult, [StaffRequest & { requestId: string }]>('resend');

export const gatewayNewsSignal = defineSignal<[GatewayNews]>('gatewayNews');

export interface BookingView {
  readonly stage: string;
  readonly status: string;
  readonly waitingFor: string;
  readonly attention: string | null;
  readonly undo: readonly UndoEntry[];
}
export const viewQuery = defineQuery<BookingView>('view');

export const searchAttributes = {
  BookingStatus: defineSearchAttributeKey('BookingStatus', 'KEYWORD'),
  PaymentStatus: defineSearchAttributeKey('PaymentStatus', 'KEYWORD'),
  SupplierStatus: defineSearchAttributeKey('SupplierStatus', 'KEYWORD'),
  Storefront: defineSearchAttributeKey('Storefront', 'KEYWORD'),
  Gateway: defineSearchAttributeKey('Gateway', 'KEYWORD'),
  NeedsAttention: defineSearchAttributeKey('NeedsAttention', 'BOOL'),
  AmountMinor: defineSearchAttributeKey('AmountMinor', 'INT'),
  Currency: defineSearchAttributeKey('Currency', 'KEYWORD'),
  ServiceDate: defineSearchAttributeKey('ServiceDate', 'DATETIME'),
  DeadlineAt: defineSearchAttributeKey('DeadlineAt', 'DATETIME'),
  PaymentRef: defineSearchAttributeKey('PaymentRef', 'KEYWORD'),
  SupplierRef: defineSearchAttributeKey('SupplierRef', 'KEYWORD'),
} as const;
