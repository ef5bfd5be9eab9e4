// The only way from the API to a running booking. Answers within the deadline or says that it is slow; never hangs.
import type { Client, UpdateDefinition } from '@temporalio/client';
import {
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
} from '@temporalio/client';
import { workflowIdOf } from '../../domain/ids.ts';
import {
  BOOKING_WORKFLOW,
  approveRefundUpdate,
  cancelUpdate,
  checkPaymentUpdate,
  compensateUpdate,
  markPaidUpdate,
  openUpdate,
  payUpdate,
  refundUpdate,
  resendUpdate,
  resolveUpdate,
  retryStepUpdate,
  withdrawRefundUpdate,
} from '../../workflows/messages.ts';
import type {
  BookingInput,
  CancelRequest,
  CancelResult,
  CheckRequest,
  MarkPaidResult,
  OpenResult,
  PayRequest,
  RefundDecision,
  RefundRequest,
  RefundResult,
  ResolveRequest,
  StaffRequest,
  StaffResult,
  StepRequest,
  WithdrawResult,
} from '../../workflows/messages.ts';
import { isOfErased } from '../errors.ts';

export type Reply<T> =
  | { kind: 'answered'; value: T }
  /** Asked, but not answered in time: it may have been heard all the same. */
  | { kind: 'slow' }
  /** Nobody owns this booking any more. */
  | { kind: 'gone' }
  /** The workflow would not even take the request. */
  | { kind: 'refused'; message: string };

export interface NewWorkflow {
  readonly bookingId: string;
  readonly summary: string;
}

export interface BookingDoor {
  /** Starts the booking's workflow unless it runs, and waits for its payment to be open. */
  open(booking: NewWorkflow): Promise<Reply<OpenResult>>;
  pay(bookingId: string, request: PayRequest): Promise<Reply<OpenResult>>;
  /** Has the gateway asked anew; answers when the booking has settled on its word. In one `turn` it is asked once for all. */
  checkPayment(bookingId: string, request: CheckRequest, turn?: string): Promise<Reply<{ status: string }>>;
  markPaid(bookingId: string, request: StaffRequest & { requestId: string }): Promise<Reply<MarkPaidResult>>;
  cancel(bookingId: string, request: CancelRequest): Promise<Reply<CancelResult>>;
  /** The activities of the booking that failed and are being tried again; none when Temporal cannot be asked. */
  failing(bookingId: string): Promise<readonly string[]>;
  refund(bookingId: string, request: RefundRequest): Promise<Reply<RefundResult>>;
  approveRefund(bookingId: string, request: RefundDecision): Promise<Reply<RefundResult>>;
  withdrawRefund(bookingId: string, request: RefundDecision): Promise<Reply<WithdrawResult>>;
  retryStep(bookingId: string, request: StepRequest): Promise<Reply<StaffResult>>;
  resolve(bookingId: string, request: ResolveRequest): Promise<Reply<StaffResult>>;
  compensate(bookingId: string, request: StaffRequest): Promise<Reply<StaffResult>>;
  resend(bookingId: string, request: StaffRequest & { requestId: string }): Promise<Reply<StaffResult>>;
}

const DEADLINE_MS = 5_000;

export interface DoorOptions {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly deadlineMs?: number;
}

export function createBookingDoor({ temporal, taskQueue, deadlineMs = DEADLINE_MS }: DoorOptions): BookingDoor {
  const withinDeadline = <T>(call: () => Promise<T>): Promise<Reply<T>> =>
    replyOf(() => temporal.withDeadline(Date.now() + deadlineMs, call));

  /** Without an id of its own each request of a person is a new one. */
  const ask = <Result, Args extends [unknown]>(update: UpdateDefinition<Result, Args>, asked: Asked<Args>) =>
    withinDeadline(() => {
      const handle = temporal.workflow.getHandle(workflowIdOf(asked.bookingId));
      const options = asked.updateId === undefined ? {} : { updateId: asked.updateId };
      return handle.executeUpdate(update, { ...options, args: asked.args });
    });

  return {
    // Search attributes are the workflow's own business: one that is not registered yet must not refuse a booking.
    open: ({ bookingId, summary }) =>
      withinDeadline(() => {
        const startWorkflowOperation = new WithStartWorkflowOperation(BOOKING_WORKFLOW, {
          workflowId: workflowIdOf(bookingId),
          taskQueue,
          args: [{ bookingId } satisfies BookingInput],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: summary,
        });
        return temporal.workflow.executeUpdateWithStart(openUpdate, { updateId: 'open', startWorkflowOperation });
      }),
    // Its attempt makes it one; what was refused while another was being settled may be asked for again.
    pay: (bookingId, request) => ask(payUpdate, { bookingId, args: [request] }),
    checkPayment: (bookingId, request, turn) => {
      const { paymentRef, cameBack = 'asked' } = request;
      const updateId = turn === undefined ? undefined : `check-${paymentRef}-${cameBack}-${turn}`;
      return ask(checkPaymentUpdate, { bookingId, args: [request], updateId });
    },
    markPaid: (bookingId, { requestId, actor }) =>
      ask(markPaidUpdate, { bookingId, args: [{ actor }], updateId: requestId }),
    cancel: (bookingId, request) =>
      ask(cancelUpdate, {
        bookingId,
        args: [request],
        // Without a quote it may come too late today, for money on its way, and in time tomorrow.
        updateId: request.quoteId === null ? undefined : `cancel-${request.quoteId}`,
      }),
    failing: async (bookingId) => {
      const described = () => temporal.workflow.getHandle(workflowIdOf(bookingId)).describe();
      const reply = await withinDeadline(described);
      const pending = reply.kind === 'answered' ? (reply.value.raw.pendingActivities ?? []) : [];
      return pending.flatMap(({ lastFailure, activityType }) => (lastFailure ? [activityType?.name ?? ''] : []));
    },
    refund: (bookingId, request) => ask(refundUpdate, { bookingId, args: [request], updateId: request.refundId }),
    approveRefund: (bookingId, request) => ask(approveRefundUpdate, { bookingId, args: [request] }),
    withdrawRefund: (bookingId, request) => ask(withdrawRefundUpdate, { bookingId, args: [request] }),
    retryStep: (bookingId, request) => ask(retryStepUpdate, { bookingId, args: [request] }),
    resolve: (bookingId, request) => ask(resolveUpdate, { bookingId, args: [request] }),
    compensate: (bookingId, request) => ask(compensateUpdate, { bookingId, args: [request] }),
    resend: (bookingId, request) => ask(resendUpdate, { bookingId, args: [request], updateId: request.requestId }),
  };
}

interface Asked<Args> {
  readonly bookingId: string;
  readonly args: Args;
  /** The same id is answered twice and done once. */
  readonly updateId?: string | undefined;
}

async function replyOf<T>(call: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { kind: 'answered', value: await call() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError)
      return { kind: 'gone' };
    // The key of a forgotten booking is destroyed only once its workflow is over: nothing can be sealed for it, and nobody is there.
    if (isOfErased(error)) return { kind: 'gone' };
    if (error instanceof WorkflowUpdateFailedError)
      return { kind: 'refused', message: error.cause?.message ?? error.message };
    if (isOutOfReach(error)) return { kind: 'slow' };
    throw error;
  }
}

// gRPC: cancelled, deadline exceeded, resource exhausted, failed precondition (the workflow's step failed thrice and is
// tried again later), aborted, unavailable.
const LATER = new Set([1, 4, 8, 9, 10, 14]);

/** Temporal is away, overloaded or waiting for a worker: none of it says that the request was not heard. */
function isOutOfReach(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && LATER.has(cause.code);
}
