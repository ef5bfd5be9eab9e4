// What belongs to no booking alone: workflows without bookings and the other way round, what waits, and what is left at suppliers.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  knownAmong,
  outboxGaps,
  supplierAccount,
  unbalancedTransactions,
  waitingWebhooks,
  watchedBookings,
} from '../db/books.ts';
import { balanceBefore, keepBalance } from '../db/recon-runs.ts';
import type { Finding } from '../domain/findings.ts';
import { bookingIdOfWorkflow, latePaymentIdOf, workflowIdOf } from '../domain/ids.ts';
import {
  needsWorkflow,
  orphanedRow,
  orphanedWorkflow,
  outboxGap,
  unbalanced,
  waitingWebhook,
} from '../domain/judge-house.ts';
import { judgeBalance } from '../domain/judge-supply.ts';
import type { Supplier } from '../domain/supply.ts';
import { isUnanswered } from './compare-booking.ts';
import type { ComparingDeps } from './compare-booking.ts';

/** The workflows of this installation, as reconciliation sees them. */
export interface OpenWorkflows {
  /** Of bookings, and of late money. */
  ids(): AsyncIterable<string>;
  /** Lists lag behind: this asks for the one. */
  isOpen(workflowId: string): Promise<boolean>;
  /** As the sweep tells of a webhook: the workflow reads the payment at its gateway. */
  tell(news: MissedNews): Promise<void>;
}

export interface MissedNews {
  readonly findingId: number;
  readonly bookingId: string;
  readonly gateway: string;
  readonly paymentRef: string;
}

export interface HouseDeps extends ComparingDeps {
  readonly workflows: OpenWorkflows;
}

export interface HouseCompared {
  readonly findings: readonly Finding[];
  readonly unread: number;
  /** Something is on its way between us and a supplier: of its balance nothing can be said. */
  readonly isInMotion: boolean;
}

const PAGE = 1_000;
/** More of one kind say no more than these. */
const AT_MOST = 500;

export async function compareHouse(deps: HouseDeps): Promise<HouseCompared> {
  const [webhooks, gaps, off] = await Promise.all([
    waitingWebhooks(deps.db, new Date(deps.clock().getTime() - deps.patience.newsMs), AT_MOST),
    outboxGaps(deps.db, AT_MOST),
    unbalancedTransactions(deps.db, AT_MOST),
  ]);
  const balances = await compareBalances(deps);
  return {
    findings: [
      ...webhooks.flatMap(waitingWebhook),
      ...gaps.flatMap(outboxGap),
      ...off.flatMap(unbalanced),
      ...balances.findings,
      ...(await compareWorkflows(deps)),
    ],
    unread: balances.unread,
    isInMotion: balances.isInMotion,
  };
}

async function compareWorkflows(deps: HouseDeps): Promise<readonly Finding[]> {
  const open = new Set<string>();
  for await (const id of deps.workflows.ids()) open.add(id);
  return [...(await orphanedRows(deps, open)), ...(await orphanedWorkflows(deps, open))];
}

/** An intake gets its workflow within half a minute; whoever was written to a moment ago may just be closing. */
async function orphanedRows(
  { db, workflows, clock, patience }: HouseDeps,
  open: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (let after: string | null = null; ;) {
    const page = await watchedBookings(db, after, PAGE);
    for (const watched of page) {
      const isYoung = clock().getTime() - Date.parse(watched.updatedAt) < patience.newsMs;
      const id = workflowIdOf(watched.bookingId);
      if (isYoung || !needsWorkflow(watched, clock()) || open.has(id)) continue;
      // Late money has workflows of its own, named after the payment.
      if (watched.paymentRefs.some((ref) => open.has(latePaymentIdOf(ref)))) continue;
      if (!(await workflows.isOpen(id))) findings.push(...orphanedRow(watched));
    }
    after = page.at(-1)?.bookingId ?? null;
    if (page.length < PAGE) return findings;
  }
}

async function orphanedWorkflows(
  { db, workflows, secondLookMs }: HouseDeps,
  open: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const ids = [...open].flatMap((id) => bookingIdOfWorkflow(id) ?? []);
  const alone: string[] = [];
  for (let from = 0; from < ids.length; from += PAGE) {
    const some = ids.slice(from, from + PAGE);
    const known = await knownAmong(db, some);
    alone.push(...some.filter((id) => !known.has(id)));
  }
  if (alone.length === 0) return [];
  await sleep(secondLookMs);
  const known = await knownAmong(db, alone);
  const findings: Finding[] = [];
  for (const id of alone.filter((each) => !known.has(each)).map(workflowIdOf))
    if (await workflows.isOpen(id)) findings.push(...orphanedWorkflow(id));
  return findings;
}

async function compareBalances(deps: HouseDeps): Promise<HouseCompared> {
  const findings: Finding[] = [];
  let unread = 0;
  let isInMotion = false;
  for (const supplier of Object.values(deps.suppliers)) {
    try {
      const found = await compareBalance(deps, supplier);
      if (found) findings.push(...found);
      else isInMotion = true;
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      unread += 1;
    }
  }
  return { findings, unread, isInMotion };
}

/** Only while nothing is in motion, and nothing moved while it was asked, do both sides speak of the same moment. */
async function compareBalance({ db, clock }: HouseDeps, supplier: Supplier): Promise<readonly Finding[] | undefined> {
  const { currency } = await supplier.balance();
  const before = await supplierAccount(db, supplier.name, currency);
  const reported = await supplier.balance();
  const after = await supplierAccount(db, supplier.name, currency);
  if (before.inMotion + after.inMotion > 0 || before.ledgerMinor !== after.ledgerMinor) return undefined;
  const now = { supplier: supplier.name, reported, ledgerMinor: after.ledgerMinor };
  const findings = judgeBalance(await balanceBefore(db, supplier.name), now);
  // What is missing is found by every run; a person's explanation holds for that sum and no other.
  if (findings.length === 0) await keepBalance(db, now, clock());
  return findings;
}
