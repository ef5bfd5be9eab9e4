// The whole of a recovery, in its order: read what everybody else knows, find what we lack, rebuild it, say what is left.
import { desc } from 'drizzle-orm';
import { compareBooking } from '../../activities/compare-booking.ts';
import type { ComparingDeps } from '../../activities/compare-booking.ts';
import { compareLists } from '../../activities/compare-lists.ts';
import { callsInDoubt, doubtCalls } from '../../db/doubt.ts';
import { beginRecovery, dropWork, openWork, unfinishedRecovery } from '../../db/recoveries.ts';
import type { Left, RecoveryRun } from '../../db/recoveries.ts';
import { bookingEvents } from '../../db/schema.ts';
import type { Booking } from '../../domain/booking.ts';
import type { Finding } from '../../domain/findings.ts';
import { GATEWAYS } from '../../domain/payment.ts';
import type { GatewayName } from '../../domain/payment.ts';
import type { Asked } from './arguments.ts';
import { owedWork, restoreBelongings } from './belongings.ts';
import type { BelongingsDeps } from './belongings.ts';
import { pastRuns } from './histories.ts';
import type { HistoryDeps, PastRun } from './histories.ts';
import { endWithLetter, isOfNames, leftOf } from './left.ts';
import { lossesIn } from './losses.ts';
import { advance, advancesDue } from './numbers.ts';
import type { Advance, NumbersSeen } from './numbers.ts';
import { unexplainedBy } from './outside.ts';
import { knownFacts, rebuildOrLeave } from './rebuild.ts';
import type { Rebuilding, Rebuilt } from './rebuild.ts';

export type RecoveryDeps = ComparingDeps &
  HistoryDeps &
  BelongingsDeps & {
    /** Does not come back where a program of ours is at work on this database. */
    readonly requireAlone: () => Promise<void>;
  };

export interface Recovery {
  readonly since: Date;
  /** Broken off: this one goes on with it. */
  readonly unfinished: RecoveryRun | null;
  readonly workflows: { readonly open: number; readonly ended: number };
  /** What was written, or would be. */
  readonly rebuilt: readonly Rebuilt[];
  readonly advances: readonly Advance[];
  /** Calls that may have been begun: they are looked up before they are made. */
  readonly doubted: number;
  readonly left: readonly Left[];
  /** What gateways and suppliers list that neither we nor Temporal know. */
  readonly outside: readonly Finding[];
  readonly unread: number;
}

export async function recover(deps: RecoveryDeps, asked: Asked): Promise<Recovery> {
  await deps.requireAlone();
  const unfinished = (await unfinishedRecovery(deps.db)) ?? null;
  const since = await sinceThen(deps, unfinished ? earlier(asked.since, unfinished.since) : asked.since);
  const runs = await pastRuns(deps, since);
  const { losses, left } = await lossesIn(runs, (bookingId) => knownFacts(deps.db, bookingId));
  const advances = await advancesDue(deps.db, numbersIn(runs, losses));
  const run = asked.apply ? await beginRecovery(deps.db, since) : undefined;
  // From now on nothing starts; but histories were read for minutes.
  if (run) await deps.requireAlone();
  if (run) for (const each of advances) await advance(deps.db, each);
  const tries: (Rebuilt | Left)[] = [];
  for (const loss of losses) tries.push(await rebuildOrLeave(deps, loss, asked.apply));
  const rebuilt = tries.flatMap((each) => ('reason' in each ? [] : each));
  left.push(...tries.flatMap((each) => ('reason' in each ? each : leftOf(each))));
  // Also what a run that was broken off had put back.
  const oneByOne = takenOneByOne(deps);
  const calls = run ? await doubtCalls(deps.db, { since, oneByOne }) : await callsInDoubt(deps.db, oneByOne);
  left.push(...calls.left);
  left.push(...(run ? await restoreBelongings(deps) : await owedWork(deps.db)));
  const about = run ? [] : rebuilt.map(({ after }) => after);
  const { outside, unread } = await besideUs(deps, since, about);
  const settled = settledBy(runs, left);
  if (run) await dropWork(deps.db, settled);
  const noted = run ? await endWithLetter(deps, run, { left, outside }) : await openWork(deps.db);
  const open = runs.filter(({ isOpen }) => isOpen).length;
  return {
    since,
    unfinished,
    workflows: { open, ended: runs.length - open },
    rebuilt: rebuilt.filter(({ kind, written }) => kind === 'absent' || written.length > 0),
    advances,
    doubted: calls.doubted,
    left: withNoted(
      left,
      noted.filter(({ subject }) => !settled.includes(subject)),
    ),
    outside,
    unread,
  };
}

/**
 * What others have that nothing here explains, less what is about to be written. A refund that no book knows is told by its payment:
 * how much of what went back is missing here.
 */
async function besideUs(
  deps: RecoveryDeps,
  since: Date,
  about: readonly Booking[],
): Promise<Pick<Recovery, 'outside' | 'unread'>> {
  const { findings, unread, touched } = await compareLists(deps, since);
  const outside = [...unexplainedBy(about, findings)];
  let blind = unread;
  for (const bookingId of touched) {
    if (about.some(({ id }) => id === bookingId)) continue;
    const { findings: found, isUnread } = await compareBooking(deps, bookingId);
    outside.push(...found.filter(({ invariant }) => invariant === 'I-13'));
    blind += isUnread ? 1 : 0;
  }
  return { outside, unread: blind };
}

/** Gateways where refunds of one payment cannot be told apart while they are under way. */
const takenOneByOne = ({ gateways }: RecoveryDeps): readonly GatewayName[] =>
  GATEWAYS.filter((name) => gateways[name].refundsOneByOne);

/** With what runs before had left to a person, and nobody has closed. */
function withNoted(left: readonly Left[], noted: readonly Left[]): readonly Left[] {
  const subjects = new Set(left.map(({ subject }) => subject));
  return [...left, ...noted.filter((each) => !subjects.has(each.subject) && !isOfNames(each))];
}

/** What runs before had found of a history or a booking as a whole, and this one looked for and found no more. */
function settledBy(runs: readonly PastRun[], left: readonly Left[]): readonly string[] {
  const found = new Set(left.map(({ subject }) => subject));
  const seen = new Set(runs.flatMap(({ workflowId, bookingId }) => [workflowId, bookingId ?? []].flat()));
  return [...seen].filter((subject) => !found.has(subject));
}

/** No later than the newest fact: a moment that was remembered wrongly must not cost a booking. */
async function sinceThen({ db }: RecoveryDeps, since: Date): Promise<Date> {
  const [newest] = await db
    .select({ at: bookingEvents.at })
    .from(bookingEvents)
    .orderBy(desc(bookingEvents.at))
    .limit(1);
  return newest ? earlier(newest.at, since) : since;
}

const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** Also of bookings that cannot be put back: their customers have the numbers. */
function numbersIn(runs: readonly PastRun[], losses: readonly Rebuilding[]): NumbersSeen {
  const numbers = runs
    .flatMap(({ recalls }) => recalls)
    .flatMap(({ intake }) => (intake?.row.storefront === 'travello' ? Number(intake.row.externalId) : []));
  const opened = losses.flatMap(({ loss }) => loss.facts).filter(({ event }) => event.type === 'payment.opened');
  return {
    inboxId: Math.max(0, ...runs.map(({ lastInboxId }) => lastInboxId)),
    bookingNumber: Math.max(0, ...numbers),
    payments: opened.length,
  };
}
