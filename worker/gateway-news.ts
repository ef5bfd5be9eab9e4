// One webhook on its way to the workflow of its booking. Says how it ended; the sweep writes that down.
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { DueRow } from '../db/inbox-work.ts';
import { KeyDestroyed } from '../db/keyring.ts';
import { latePaymentIdOf, workflowIdOf } from '../domain/ids.ts';
import { gatewayNewsSignal, LATE_PAYMENT_WORKFLOW } from '../workflows/messages.ts';
import type { LatePaymentInput } from '../workflows/messages.ts';

export interface DeliveryDeps {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly clock: () => Date;
}

export type Delivery =
  | { kind: 'handled' }
  | { kind: 'postponed'; state: 'pending' | 'parked'; reason: string }
  | { kind: 'given_up'; reason: string };

const TEMPORAL_DEADLINE_MS = 5_000;
/** An intake gets its workflow within the request, or from the sweep half a minute later. */
const YOUNG_MS = 60_000;
const PARKED_MS = 3 * 24 * 3_600_000;

export async function deliverNews(row: DueRow, deps: DeliveryDeps): Promise<Delivery> {
  if (row.alreadyHandled || (row.effect === 'fee' && row.feeKnown)) return { kind: 'handled' };
  if (!row.paymentRef) return { kind: 'given_up', reason: 'the event names no payment' };
  if (!row.booking) return unknownBooking(row, deps.clock());
  const news = { inboxId: row.id, replay: row.replay, paymentRef: row.paymentRef };
  const workflow = deps.temporal.workflow.getHandle(workflowIdOf(row.booking.id));
  try {
    await withDeadline(deps.temporal, () => workflow.signal(gatewayNewsSignal, news));
    return { kind: 'handled' };
  } catch (error) {
    // The key of a person who was erased is destroyed after the end of the workflow.
    if (!(error instanceof WorkflowNotFoundError || error instanceof KeyDestroyed)) return unreachable(error);
  }
  return withoutWorkflow({ row, booking: row.booking, paymentRef: row.paymentRef }, deps);
}

const withDeadline = <T>(temporal: Client, call: () => Promise<T>): Promise<T> =>
  temporal.withDeadline(Date.now() + TEMPORAL_DEADLINE_MS, call);

const unreachable = (error: unknown): Delivery => ({
  kind: 'postponed',
  state: 'pending',
  reason: `Temporal: ${error instanceof Error ? error.message : String(error)}`,
});

/** Our own row may come a moment after the gateway's event, and another program may share the gateway's account. */
function unknownBooking({ receivedAt }: DueRow, now: Date): Delivery {
  const reason = 'no booking of ours is known for this payment';
  if (now.getTime() - receivedAt.getTime() > PARKED_MS) return { kind: 'given_up', reason };
  return { kind: 'postponed', state: 'parked', reason };
}

interface Orphan {
  readonly row: DueRow;
  readonly booking: NonNullable<DueRow['booking']>;
  readonly paymentRef: string;
}

/** Either it has not begun, which heals by itself, or it is over, and money may have come to a closed booking. */
async function withoutWorkflow(
  { row, booking, paymentRef }: Orphan,
  { temporal, taskQueue, clock }: DeliveryDeps,
): Promise<Delivery> {
  const young = clock().getTime() - booking.createdAt.getTime() < YOUNG_MS;
  // Nothing but its workflow brings a booking any further, also one whose beginning was never answered.
  const hasBegun = booking.workflowSeen || booking.phase !== 'awaiting_payment';
  if (young || !hasBegun)
    return { kind: 'postponed', state: 'pending', reason: 'the workflow of the booking has not begun' };
  const input: LatePaymentInput = { bookingId: booking.id, gateway: row.gateway, paymentRef };
  try {
    await withDeadline(temporal, () =>
      temporal.workflow.start(LATE_PAYMENT_WORKFLOW, {
        workflowId: latePaymentIdOf(paymentRef),
        // Money may come after news that owed nothing. What is owed is claimed once, by row and by key, however often this runs.
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        taskQueue,
        args: [input],
      }),
    );
    return { kind: 'handled' };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return unreachable(error);
    // It may have read the payment just before this news: it is told again when that run is over.
    return { kind: 'postponed', state: 'pending', reason: 'earlier news of this payment is still at work' };
  }
}
