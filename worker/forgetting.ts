// Ends what was begun when somebody asked to be forgotten: the person as soon as nobody needs them, the key after the workflow.
import type { OpenWorkflows } from '../activities/compare-house.ts';
import type { Database } from '../db/client.ts';
import { cutNewsOfErased, destroyKey, erase, erasuresUnderWay } from '../db/erasures.ts';
import { workflowIdOf } from '../domain/ids.ts';
import type { Logger } from '../log.ts';
import { startPeriodic } from './periodic.ts';
import type { Running } from './periodic.ts';

export interface ForgettingDeps {
  readonly db: Database;
  readonly workflows: Pick<OpenWorkflows, 'isOpen'>;
  readonly log: Logger;
  readonly clock: () => Date;
}

const EVERY_MS = 3_600_000;

export const startForgetting = (deps: ForgettingDeps): Running =>
  startPeriodic({ name: 'forgetting', everyMs: EVERY_MS, log: deps.log, run: () => forgetDue(deps) });

export async function forgetDue({ db, workflows, log, clock }: ForgettingDeps): Promise<void> {
  for (const { bookingId } of await erasuresUnderWay(db)) {
    if ((await erase(db, bookingId, clock().getTime())) !== 'now') continue;
    // Until it is over the workflow reads its own history, which is sealed with this key.
    if (await workflows.isOpen(workflowIdOf(bookingId))) continue;
    await destroyKey(db, bookingId);
    log.info({ bookingId }, 'a person was forgotten and the key of the booking destroyed');
  }
  await cutNewsOfErased(db);
}
