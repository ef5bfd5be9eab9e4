// Our books held against those of gateways, suppliers and Temporal, page by page.
import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ReconciliationActivities, RunInput, RunSummary } from '../activities/reconciliation.ts';
import type { ReconcileInput } from './messages.ts';

const LIMITS = {
  startToCloseTimeout: '15m',
  heartbeatTimeout: '30s',
  // What outlives that is left to the next run.
  scheduleToCloseTimeout: '1h',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1m' },
} as const;
const { beginReconciliation, compareBookings, compareTheHouse, endReconciliation } =
  proxyActivities<ReconciliationActivities>(LIMITS);
/** Lists of four months are long, and read in one go. */
const { compareWithLists } = proxyActivities<ReconciliationActivities>({
  ...LIMITS,
  startToCloseTimeout: '1h',
  scheduleToCloseTimeout: '2h',
});

export async function reconcileWorkflow(input: ReconcileInput): Promise<RunSummary> {
  const run: RunInput = input.run ?? (await beginReconciliation({ scope: input.scope }));
  for (let after = input.after ?? null; ;) {
    ({ after } = await compareBookings({ ...run, after }));
    if (after === null) break;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof reconcileWorkflow>({ scope: input.scope, run, after });
  }
  await compareWithLists(run);
  await compareTheHouse(run);
  return endReconciliation(run);
}
