// Temporal's server for tests has a fault: when an activity ends while the workflow decides to cancel it, the server refuses
// the whole decision (ACTIVITY_UNKNOWN) and never asks again, so that no time passes any more. The real server takes such a
// decision. The worker logs the refusal; whoever plays a scene then plays it anew.
import type { LogEntry } from '@temporalio/worker';

export class Standstill extends Error {
  override name = 'Standstill';
}

const REFUSED = 'Error while completing workflow activation';
const FAULT = 'ACTIVITY_UNKNOWN';

const watching = new Set<(standstill: Standstill) => void>();

/** All that the workers of this process log. */
export function heed({ message, meta }: LogEntry): void {
  if (!message.includes(REFUSED) || !JSON.stringify(meta).includes(FAULT)) return;
  for (const tell of watching) tell(new Standstill('the server for tests refused a decision and stands still'));
}

/** Ends with the work, or as soon as the server stands still; the work is then left to itself. */
export async function unlessStandingStill(work: Promise<void>): Promise<void> {
  work.catch(() => null);
  let tell: ((standstill: Standstill) => void) | undefined;
  const standstill = new Promise<never>((_, reject) => {
    tell = reject;
    watching.add(reject);
  });
  try {
    await Promise.race([work, standstill]);
  } finally {
    if (tell) watching.delete(tell);
  }
}
