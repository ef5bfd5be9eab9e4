// The workflows of this installation as reconciliation sees them: several may share a namespace, none shares a task queue.
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { eq } from 'drizzle-orm';
import type { MissedNews, OpenWorkflows } from '../activities/compare-house.ts';
import type { Database } from '../db/client.ts';
import { bookings } from '../db/schema.ts';
import { BOOKING_WORKFLOW, LATE_PAYMENT_WORKFLOW } from '../workflows/messages.ts';
import { deliverNews } from './gateway-news.ts';

export interface OpenWorkflowsDeps {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly db: Database;
  readonly clock: () => Date;
}

export function createOpenWorkflows(deps: OpenWorkflowsDeps): OpenWorkflows {
  const { temporal, taskQueue } = deps;
  const types = [BOOKING_WORKFLOW, LATE_PAYMENT_WORKFLOW].map((type) => `'${type}'`).join(', ');
  const query = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}' AND WorkflowType IN (${types})`;
  return {
    async *ids() {
      for await (const { workflowId } of temporal.workflow.list({ query, pageSize: 1_000 })) yield workflowId;
    },
    isOpen: async (workflowId) => {
      try {
        return (await temporal.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    tell: (news) => tell(deps, news),
  };
}

/** The way of a webhook that never came: signalled while the booking's workflow runs, late money when it is over. */
async function tell(deps: OpenWorkflowsDeps, { findingId, bookingId, gateway, paymentRef }: MissedNews): Promise<void> {
  const [booking] = await deps.db.select().from(bookings).where(eq(bookings.id, bookingId));
  if (!booking) return;
  const { id, phase, createdAt, workflowSeenAt } = booking;
  await deliverNews(
    {
      // No webhook has a number below zero; told again, it is news again.
      id: -findingId,
      replay: deps.clock().getTime(),
      gateway,
      type: null,
      effect: null,
      paymentRef,
      attempts: 0,
      receivedAt: deps.clock(),
      booking: { id, phase, createdAt, workflowSeen: workflowSeenAt !== null },
      feeKnown: false,
      alreadyHandled: false,
    },
    deps,
  );
}
