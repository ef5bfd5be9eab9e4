// What is missing of each booking, of all that its histories say of it.
import type { Left } from '../../db/recoveries.ts';
import { paymentRefOfWorkflow } from '../../domain/ids.ts';
import { lossOf } from '../../domain/recovery.ts';
import { CLOCKS_DIFFER_MS } from './histories.ts';
import type { PastRun } from './histories.ts';
import { unknownBooking } from './left.ts';
import type { LateMoney, Rebuilding } from './rebuild.ts';

/** The names of the facts that the database has of a booking; undefined where it has no such booking. */
type Known = (bookingId: string) => Promise<readonly string[] | undefined>;

interface Losses {
  readonly losses: readonly Rebuilding[];
  readonly left: Left[];
}

export async function lossesIn(runs: readonly PastRun[], known: Known): Promise<Losses> {
  const owned = runs.map((run) => ({ ...run, bookingId: run.bookingId ?? ownerOf(run, runs) }));
  const losses: Rebuilding[] = [];
  const left: Left[] = owned.flatMap(({ workflowId: subject, bookingId, unread }) =>
    unread === null ? [] : [{ subject, bookingId, reason: `its history cannot be read: ${unread}` }],
  );
  // They begin with the time: the oldest first.
  const ids = new Set(owned.flatMap(({ bookingId, unread }) => (unread === null ? (bookingId ?? []) : [])).toSorted());
  for (const bookingId of ids) {
    const own = owned.filter((run) => run.bookingId === bookingId);
    const loss = await lossIn(bookingId, own, known);
    if (loss && 'reason' in loss) left.push(loss);
    else if (loss) losses.push(loss);
  }
  return { losses, left };
}

async function lossIn(
  bookingId: string,
  own: readonly PastRun[],
  known: Known,
): Promise<Rebuilding | Left | undefined> {
  const unread = own.filter((run) => run.unread !== null).map(({ workflowId }) => workflowId);
  // What it says comes before or between the others: behind them it would be refused, or mean another thing.
  if (unread.length > 0) return leave(bookingId, `it is left as it is until ${unread.join(', ')} can be read`);
  const recalls = own.flatMap((run) => run.recalls);
  const version = Math.max(...own.map((run) => run.version));
  const loss = lossOf({ bookingId, recalls, version }, await known(bookingId));
  const historyKey = own.find((run) => run.historyKey)?.historyKey ?? null;
  if (loss.kind === 'absent' && !historyKey)
    return leave(bookingId, 'it cannot be put back: its history brought no key');
  if (loss.kind === 'unknown') return unknownBooking(bookingId, loss);
  return loss.kind === 'nothing' ? undefined : { bookingId, loss, historyKey, late: lateIn(own) };
}

const leave = (bookingId: string, reason: string): Left => ({ subject: bookingId, bookingId, reason });

/** Late money whose history says nothing: of the booking that another one says had opened the payment. */
function ownerOf({ workflowId }: PastRun, runs: readonly PastRun[]): string | null {
  const paymentRef = paymentRefOfWorkflow(workflowId);
  if (paymentRef === undefined) return null;
  const recalls = runs.flatMap((run) => run.recalls);
  const owner = recalls.find(({ facts }) => facts.some(({ event }) => 'ref' in event && event.ref === paymentRef));
  return owner?.bookingId ?? null;
}

/** What came for a booking that was over, while its run was there. An answer that is given again tells older facts too. */
function lateIn(own: readonly PastRun[]): readonly LateMoney[] {
  return own.flatMap((run) => {
    const paymentRef = paymentRefOfWorkflow(run.workflowId);
    if (paymentRef === undefined) return [];
    const sinceMs = run.startedMs - CLOCKS_DIFFER_MS;
    const taken = run.recalls.flatMap(({ facts }) => facts).filter(({ at }) => Date.parse(at) >= sinceMs);
    return taken.flatMap(({ event }) =>
      event.type === 'payment.captured' ? { paymentRef, paymentId: event.paymentId } : [],
    );
  });
}
