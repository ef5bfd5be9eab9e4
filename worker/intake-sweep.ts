// Starts the workflow of every booking that was taken in by an API that died before it could.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import { markWorkflowSeen, unstartedBookings } from '../db/intake-work.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { Logger } from '../log.ts';
import { BOOKING_WORKFLOW } from '../workflows/messages.ts';
import type { BookingInput } from '../workflows/messages.ts';

const AT_ONCE = 50;

export interface IntakeDeps {
  readonly db: Database;
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly log: Logger;
}

export async function startForgottenIntakes({ db, temporal, taskQueue, log }: IntakeDeps): Promise<number> {
  const forgotten = await unstartedBookings(db, AT_ONCE);
  for (const bookingId of forgotten) {
    await startBooking(temporal, taskQueue, bookingId);
    await markWorkflowSeen(db, bookingId);
    log.info({ bookingId }, 'started the workflow of a forgotten intake');
  }
  return forgotten.length;
}

async function startBooking(temporal: Client, taskQueue: string, bookingId: string): Promise<void> {
  const input: BookingInput = { bookingId };
  try {
    await temporal.workflow.start(BOOKING_WORKFLOW, {
      workflowId: workflowIdOf(bookingId),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue,
      args: [input],
    });
  } catch (error) {
    // It ran and ended without anybody noting that it was there.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
