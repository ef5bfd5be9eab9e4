// The verbs of reconciliation: begin, compare page by page, write down what was found, tell who can mend it, end.
import { bookingsLeftOut, bookingsToJudge, takenCurrencies } from '../db/books.ts';
import {
  closeUnseen,
  hasUnexplainedMissingHere,
  keepOpen,
  markToldOf,
  noteFinding,
  openFigures,
  reportFinding,
} from '../db/findings.ts';
import { beginRun, countRun, endRun } from '../db/recon-runs.ts';
import type { Counts, ReconScope } from '../db/recon-runs.ts';
import { nameOf, unexplainedOf } from '../domain/findings.ts';
import type { Finding } from '../domain/findings.ts';
import type { Money } from '../domain/money.ts';
import { compareBooking } from './compare-booking.ts';
import { compareHouse } from './compare-house.ts';
import type { HouseDeps } from './compare-house.ts';
import { compareLists } from './compare-lists.ts';
import { guarded } from './failures.ts';

export interface RunInput {
  readonly runId: number;
  readonly startedAt: string;
  readonly scope: ReconScope;
}

export interface PageInput extends RunInput {
  readonly after: string | null;
}

export interface RunSummary extends Counts {
  readonly open: number;
  readonly unexplained: readonly Money[];
}

const PAGE = 50;
const AT_ONCE = 4;
const HOUR_MS = 3_600_000;
/** Twice as long as anything may go unheard: a day without us costs nothing. */
const RECENT_MS = 48 * HOUR_MS;
/** As far back as lists are read: until nobody can ask a card's money back any more. */
const ALL_MS = 120 * 24 * HOUR_MS;

export const reconciliationActivities = (deps: HouseDeps) =>
  guarded({
    async beginReconciliation({ scope }: { scope: ReconScope }): Promise<RunInput> {
      const { id, startedAt } = await beginRun(deps.db, scope, deps.clock());
      return { runId: id, startedAt: startedAt.toISOString(), scope };
    },

    /** Null: that was the last page. */
    async compareBookings({ after, ...run }: PageInput): Promise<{ after: string | null }> {
      const since = new Date(Date.parse(run.startedAt) - RECENT_MS);
      const ids = await bookingsToJudge(deps.db, { scope: run.scope, since, after, limit: PAGE });
      await countRun(deps.db, run.runId, await someBookings(deps, ids, run.scope));
      return { after: ids.length < PAGE ? null : (ids.at(-1) ?? null) };
    },

    async compareWithLists({ runId, startedAt, scope }: RunInput): Promise<void> {
      const isLong = scope === 'all' || (await hasUnexplainedMissingHere(deps.db));
      const recent = new Date(Date.parse(startedAt) - RECENT_MS);
      const since = isLong ? new Date(Date.parse(startedAt) - ALL_MS) : recent;
      const { findings, unread, touched } = await compareLists(deps, since);
      for (const finding of findings) await settle(deps, finding, scope);
      // However long ago we last heard of them; a run over all has been there.
      const others = scope === 'all' ? [] : await bookingsLeftOut(deps.db, [...touched], recent);
      const counts = added({ ...NOTHING, unread }, await someBookings(deps, others, scope));
      // What stands in a list that could not be read may be as it was.
      if (unread > 0) await keepOpen(deps.db, { kind: 'missing_here' }, deps.clock());
      await countRun(deps.db, runId, counts);
    },

    async compareTheHouse({ runId, scope }: RunInput): Promise<void> {
      const { findings, unread, isInMotion } = await compareHouse(deps);
      for (const finding of findings) await settle(deps, finding, scope);
      if (unread > 0) await keepOpen(deps.db, { bookingId: null }, deps.clock());
      // Of no booking only a supplier's balance is this.
      if (isInMotion) await keepOpen(deps.db, { bookingId: null, kind: 'amount_differs' }, deps.clock());
      await countRun(deps.db, runId, { ...NOTHING, unread });
    },

    async endReconciliation({ runId, startedAt, scope }: RunInput): Promise<RunSummary> {
      const at = deps.clock();
      await closeUnseen(deps.db, { since: new Date(startedAt), at, scope });
      const { bookings, payments, supplierOrders, unread } = await endRun(deps.db, runId, at);
      const open = await openFigures(deps.db);
      const counts = { bookings, payments, supplierOrders, unread };
      return { ...counts, open: open.length, unexplained: unexplainedOf(open, await takenCurrencies(deps.db)) };
    },
  });

export type ReconciliationActivities = ReturnType<typeof reconciliationActivities>;

const NOTHING: Counts = { bookings: 0, payments: 0, supplierOrders: 0, unread: 0 };

const added = (a: Counts, b: Counts): Counts => ({
  bookings: a.bookings + b.bookings,
  payments: a.payments + b.payments,
  supplierOrders: a.supplierOrders + b.supplierOrders,
  unread: a.unread + b.unread,
});

async function someBookings(deps: HouseDeps, ids: readonly string[], scope: ReconScope): Promise<Counts> {
  const queue = ids[Symbol.iterator]();
  const lane = async (): Promise<Counts> => {
    let counts = NOTHING;
    for (const id of queue) counts = added(counts, await oneBooking(deps, id, scope));
    return counts;
  };
  const lanes = await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return lanes.reduce(added, NOTHING);
}

async function oneBooking(deps: HouseDeps, bookingId: string, scope: ReconScope): Promise<Counts> {
  const { findings, underWay, isUnread, payments, supplierOrders } = await compareBooking(deps, bookingId);
  if (isUnread) await keepOpen(deps.db, { bookingId }, deps.clock());
  if (underWay.length > 0) await keepOpen(deps.db, { bookingId, names: underWay.map(nameOf) }, deps.clock());
  for (const finding of findings) await settle(deps, finding, scope);
  return { bookings: 1, payments, supplierOrders, unread: isUnread ? 1 : 0 };
}

/** Missed news is told to the booking's workflow; what it does not mend until the next run, and all else, is for a person. */
async function settle(deps: HouseDeps, finding: Finding, scope: ReconScope): Promise<void> {
  const at = deps.clock();
  const { id, wasOpen, isExplained } = await noteFinding(deps.db, finding, at);
  const { bookingId, mendedBy } = finding;
  // What a person has explained may be mended all the same: once a day is enough to say so.
  if (bookingId && mendedBy && (scope === 'all' || !isExplained)) {
    await deps.workflows.tell({ findingId: id, bookingId, ...mendedBy });
    await markToldOf(deps.db, id, at);
    if (!wasOpen) return;
  }
  if (isExplained) return;
  await reportFinding(deps.db, id, finding);
}

/** A whole run in this process, for whoever has no worker at hand. */
export async function reconcile(verbs: ReconciliationActivities, scope: ReconScope): Promise<RunSummary> {
  const run = await verbs.beginReconciliation({ scope });
  for (let after: string | null = null; ;) {
    ({ after } = await verbs.compareBookings({ ...run, after }));
    if (after === null) break;
  }
  await verbs.compareWithLists(run);
  await verbs.compareTheHouse(run);
  return verbs.endReconciliation(run);
}
