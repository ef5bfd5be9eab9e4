// What reconciliation found: opened once, seen again with every run, closed when it is found no more.
import { and, desc, eq, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import { bigint, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { formatMoney } from '../domain/display.ts';
import type { Evidence, Finding, FindingKind } from '../domain/findings.ts';
import { nameOf } from '../domain/findings.ts';
import { INVARIANTS } from '../domain/invariants.ts';
import type { Invariant } from '../domain/invariants.ts';
import type { Money } from '../domain/money.ts';
import { money } from '../domain/money.ts';
import type { Database, Queryable } from './client.ts';
import { tellStaff } from './notices.ts';
import type { ReconScope } from './recon-runs.ts';
import { workItems } from './schema.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true });

export const reconFindings = pgTable('recon_findings', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  name: text('name').notNull(),
  kind: text('kind').$type<FindingKind>().notNull(),
  invariant: text('invariant').$type<Invariant>().notNull(),
  bookingId: text('booking_id'),
  subject: text('subject').notNull(),
  unexplainedMinor: bigint('unexplained_minor', { mode: 'number' }),
  currency: text('currency'),
  evidence: jsonb('evidence').$type<Evidence>().notNull(),
  openedAt: moment('opened_at').notNull(),
  seenAt: moment('seen_at').notNull(),
  toldAt: moment('told_at'),
  reportedAt: moment('reported_at'),
  closedAt: moment('closed_at'),
  closedBecause: text('closed_because'),
  explainedAt: moment('explained_at'),
  explainedBy: text('explained_by'),
  explanation: text('explanation'),
  reports: integer('reports').notNull().default(0),
});

export interface StoredFinding extends Omit<Finding, 'mendedBy'> {
  readonly id: number;
  readonly openedAt: Date;
  readonly seenAt: Date;
  readonly toldAt: Date | null;
  readonly closedAt: Date | null;
  readonly closedBecause: string | null;
  /** By a person, in their words; without them once they were forgotten. */
  readonly explainedAt: Date | null;
  readonly explainedBy: string | null;
  readonly explanation: string | null;
}

export interface Sighting {
  readonly id: number;
  /** It stood open before this run. */
  readonly wasOpen: boolean;
  /** A person has said why, and it is as it was then. */
  readonly isExplained: boolean;
}

/** What was found again is the same finding, with what is known of it now; once that differs, no explanation holds. */
export async function noteFinding(on: Queryable, finding: Finding, at: Date): Promise<Sighting> {
  const { kind, invariant, bookingId, subject, evidence, unexplained } = finding;
  const values = {
    evidence,
    unexplainedMinor: unexplained?.minor ?? null,
    currency: unexplained?.currency ?? null,
    seenAt: at,
  };
  const [row] = await on
    .insert(reconFindings)
    .values({ name: nameOf(finding), kind, invariant, bookingId, subject, openedAt: at, ...values })
    .onConflictDoUpdate({
      target: reconFindings.name,
      targetWhere: isNull(reconFindings.closedAt),
      set: { ...values, ...UNLESS_CHANGED, seenAt: sql`greatest(${reconFindings.seenAt}, excluded.seen_at)` },
    })
    .returning({ id: reconFindings.id, isNew: sql<boolean>`xmax = 0`, explainedAt: reconFindings.explainedAt });
  if (!row) throw new Error('a finding was not written down');
  return { id: row.id, wasOpen: !row.isNew, isExplained: row.explainedAt !== null };
}

const HAS_CHANGED = sql`recon_findings.explained_at is not null and (recon_findings.evidence, recon_findings.unexplained_minor, recon_findings.currency) is distinct from (excluded.evidence, excluded.unexplained_minor, excluded.currency)`;
const UNLESS_CHANGED = {
  explainedAt: sql`case when ${HAS_CHANGED} then null else recon_findings.explained_at end`,
  explainedBy: sql`case when ${HAS_CHANGED} then null else recon_findings.explained_by end`,
  explanation: sql`case when ${HAS_CHANGED} then null else recon_findings.explanation end`,
  reportedAt: sql`case when ${HAS_CHANGED} then null else recon_findings.reported_at end`,
};

export async function markToldOf(on: Queryable, id: number, at: Date): Promise<void> {
  await on.update(reconFindings).set({ toldAt: at }).where(eq(reconFindings.id, id));
}

export const WORK_KIND = 'reconciliation';
const subjectOf = (id: number): string => `finding/${id}`;

/** Becomes a person's work, once. */
export async function reportFinding(db: Database, id: number, finding: Finding): Promise<void> {
  const reason = reasonOf(finding);
  await db.transaction(async (tx) => {
    const [fresh] = await tx
      .update(reconFindings)
      .set({ reportedAt: sql`now()`, reports: sql`${reconFindings.reports} + 1` })
      .where(and(eq(reconFindings.id, id), isNull(reconFindings.reportedAt)))
      .returning({ reports: reconFindings.reports });
    if (!fresh) return;
    const work = { kind: WORK_KIND, subject: subjectOf(id), bookingId: finding.bookingId, reason };
    await tx
      .insert(workItems)
      .values(work)
      .onConflictDoUpdate({ target: [workItems.kind, workItems.subject], set: { reason, closedAt: null } });
    const detail = { reason, amount: finding.unexplained };
    const version = fresh.reports === 1 ? subjectOf(id) : `${subjectOf(id)}/${fresh.reports}`;
    await tellStaff(tx, { kind: 'reconciliation_finding', version, detail });
  });
}

const KIND_WORDS: Readonly<Record<FindingKind, string>> = {
  missing_here: 'is missing in our books',
  missing_there: 'is in our books only',
  amount_differs: 'differs',
  stuck: 'does not move',
  orphan_workflow: 'has no booking',
  orphan_row: 'has no open workflow',
  ledger_unbalanced: 'does not add up',
  invariant_broken: 'breaks a rule',
};

export function reasonOf({ kind, invariant, bookingId, subject, unexplained }: Omit<Finding, 'evidence'>): string {
  const what = bookingId && bookingId !== subject ? `${subject} of ${bookingId}` : subject;
  const sum = unexplained ? ` by ${formatMoney(unexplained)}` : '';
  return `${what} ${KIND_WORDS[kind]}${sum} (${invariant}: ${INVARIANTS[invariant]})`;
}

interface Unjudged {
  readonly bookingId?: string | null;
  readonly kind?: FindingKind;
  readonly names?: readonly string[];
}

/** What could not be judged again in this run is neither seen nor gone: it stands. */
export async function keepOpen(on: Queryable, { bookingId, kind, names }: Unjudged, at: Date): Promise<void> {
  const ofBooking = bookingId === null ? isNull(reconFindings.bookingId) : eq(reconFindings.bookingId, bookingId ?? '');
  const meant = [
    isNull(reconFindings.closedAt),
    bookingId === undefined ? undefined : ofBooking,
    kind && eq(reconFindings.kind, kind),
    names && inArray(reconFindings.name, [...names]),
  ];
  await on
    .update(reconFindings)
    .set({ seenAt: at })
    .where(and(...meant));
}

interface Ended {
  readonly since: Date;
  readonly at: Date;
  /** What a person has explained is not looked for by a run over the recent, so that it has not proven it gone. */
  readonly scope: ReconScope;
}

/** What a run did not find again is explained. */
export async function closeUnseen(db: Database, { since, at, scope }: Ended): Promise<number> {
  const lookedFor = scope === 'all' ? undefined : isNull(reconFindings.explainedAt);
  return db.transaction(async (tx) => {
    const closed = await tx
      .update(reconFindings)
      .set({
        closedAt: at,
        closedBecause: sql`case when told_at is null then 'no longer so' else 'learned from the gateway' end`,
      })
      .where(and(isNull(reconFindings.closedAt), lt(reconFindings.seenAt, since), lookedFor))
      .returning({ id: reconFindings.id });
    if (closed.length === 0) return 0;
    await endWork(tx, closed, at);
    return closed.length;
  });
}

async function endWork(on: Queryable, findings: readonly { readonly id: number }[], at: Date): Promise<void> {
  const subjects = findings.map(({ id }) => subjectOf(id));
  await on
    .update(workItems)
    .set({ closedAt: at })
    .where(and(eq(workItems.kind, WORK_KIND), inArray(workItems.subject, subjects), isNull(workItems.closedAt)));
}

export type Explained =
  | { readonly kind: 'explained'; readonly finding: StoredFinding }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'closed' };

/** Counts no more as unexplained, and is nobody's work, until it changes. */
export async function explainFinding(
  on: Queryable,
  id: number,
  { by, because, at }: { readonly by: string; readonly because: string; readonly at: Date },
): Promise<Explained> {
  const [row] = await on
    .update(reconFindings)
    .set({ explainedAt: at, explainedBy: by, explanation: because })
    .where(and(eq(reconFindings.id, id), isNull(reconFindings.closedAt)))
    .returning();
  if (row) {
    await endWork(on, [row], at);
    return { kind: 'explained', finding: toFinding(row) };
  }
  const known = await on.select({ id: reconFindings.id }).from(reconFindings).where(eq(reconFindings.id, id));
  return { kind: known.length > 0 ? 'closed' : 'unknown' };
}

/** The words go with the person they may name; that somebody explained it stands. */
export async function forgetExplanations(on: Queryable, bookingId: string): Promise<void> {
  await on
    .update(reconFindings)
    .set({ explanation: FORGOTTEN })
    .where(and(eq(reconFindings.bookingId, bookingId), isNotNull(reconFindings.explanation)));
}

/** What is explained has an explanation, says the table. */
const FORGOTTEN = '';

/** Those that nobody has explained: money first, the largest sum before all. */
export async function openFindings(on: Queryable, limit = 10_000): Promise<readonly StoredFinding[]> {
  const rows = await on
    .select()
    .from(reconFindings)
    .where(IS_OPEN)
    .orderBy(sql`${reconFindings.unexplainedMinor} desc nulls last`, reconFindings.id)
    .limit(limit);
  return rows.map(toFinding);
}

const IS_OPEN = and(isNull(reconFindings.closedAt), isNull(reconFindings.explainedAt));

export type OpenFigure = Pick<Finding, 'kind' | 'bookingId' | 'subject' | 'unexplained'>;

/** All of them, however many, with what their number and the money are counted from. */
export async function openFigures(on: Queryable): Promise<readonly OpenFigure[]> {
  const { kind, bookingId, subject, unexplainedMinor, currency } = reconFindings;
  const rows = await on
    .select({ kind, bookingId, subject, minor: unexplainedMinor, currency })
    .from(reconFindings)
    .where(IS_OPEN);
  return rows.map(({ minor, currency: of, ...row }) => ({ ...row, unexplained: sumOf(minor, of) }));
}

/** Those that stand, and of which a person has said why. */
export async function explainedFindings(on: Queryable, limit: number): Promise<readonly StoredFinding[]> {
  const rows = await on
    .select()
    .from(reconFindings)
    .where(and(isNull(reconFindings.closedAt), isNotNull(reconFindings.explainedAt)))
    .orderBy(desc(reconFindings.explainedAt), desc(reconFindings.id))
    .limit(limit);
  return rows.map(toFinding);
}

/** Those that ended last. */
export async function closedFindings(on: Queryable, limit: number): Promise<readonly StoredFinding[]> {
  const rows = await on
    .select()
    .from(reconFindings)
    .where(isNotNull(reconFindings.closedAt))
    .orderBy(desc(reconFindings.closedAt), desc(reconFindings.id))
    .limit(limit);
  return rows.map(toFinding);
}

/** Something at a gateway or a supplier is still missing here, and nobody said why: lists are read as far back as it may stand. */
export async function hasUnexplainedMissingHere(on: Queryable): Promise<boolean> {
  const meant = [
    eq(reconFindings.kind, 'missing_here'),
    isNull(reconFindings.closedAt),
    isNull(reconFindings.explainedAt),
  ];
  const [row] = await on
    .select({ id: reconFindings.id })
    .from(reconFindings)
    .where(and(...meant))
    .limit(1);
  return row !== undefined;
}

function toFinding(row: typeof reconFindings.$inferSelect): StoredFinding {
  const { name: _name, reportedAt: _reportedAt, reports: _reports, unexplainedMinor, currency, ...rest } = row;
  const explanation = row.explanation === FORGOTTEN ? null : row.explanation;
  return { ...rest, explanation, unexplained: sumOf(unexplainedMinor, currency) };
}

const sumOf = (minor: number | null, currency: string | null): Money | null =>
  minor === null || currency === null ? null : money(minor, currency);
