// What reconciliation found: opened once, seen again with every run, closed when it is found no more.
import { and, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import { bigint, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { formatMoney } from '../domain/display.ts';
import type { Evidence, Finding, FindingKind } from '../domain/findings.ts';
import { nameOf } from '../domain/findings.ts';
import { INVARIANTS } from '../domain/invariants.ts';
import type { Invariant } from '../domain/invariants.ts';
import type { Money } from '../domain/money.ts';
import { money } from '../domain/money.ts';
import type { Database, Queryable } from './client.ts';
import { tellStaff } from './notices.ts';
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
});

export interface StoredFinding extends Omit<Finding, 'mendedBy'> {
  readonly id: number;
  readonly openedAt: Date;
  readonly seenAt: Date;
  readonly toldAt: Date | null;
  readonly closedAt: Date | null;
  readonly closedBecause: string | null;
}

export interface Sighting {
  readonly id: number;
  /** It stood open before this run. */
  readonly wasOpen: boolean;
}

/** What was found again is the same finding, with what is known of it now. */
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
      set: { ...values, seenAt: sql`greatest(${reconFindings.seenAt}, excluded.seen_at)` },
    })
    .returning({ id: reconFindings.id, isNew: sql<boolean>`xmax = 0` });
  if (!row) throw new Error('a finding was not written down');
  return { id: row.id, wasOpen: !row.isNew };
}

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
      .set({ reportedAt: sql`now()` })
      .where(and(eq(reconFindings.id, id), isNull(reconFindings.reportedAt)))
      .returning({ id: reconFindings.id });
    if (!fresh) return;
    const work = { kind: WORK_KIND, subject: subjectOf(id), bookingId: finding.bookingId, reason };
    await tx.insert(workItems).values(work).onConflictDoNothing();
    const detail = { reason, amount: finding.unexplained };
    await tellStaff(tx, { kind: 'reconciliation_finding', version: subjectOf(id), detail });
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

interface Unread {
  readonly bookingId?: string | null;
  readonly kind?: FindingKind;
}

/** What could not be read again in this run is neither seen nor gone: it stands. */
export async function keepOpen(on: Queryable, { bookingId, kind }: Unread, at: Date): Promise<void> {
  const ofBooking = bookingId === null ? isNull(reconFindings.bookingId) : eq(reconFindings.bookingId, bookingId ?? '');
  const meant = [
    isNull(reconFindings.closedAt),
    bookingId === undefined ? undefined : ofBooking,
    kind && eq(reconFindings.kind, kind),
  ];
  await on
    .update(reconFindings)
    .set({ seenAt: at })
    .where(and(...meant));
}

/** What a whole run did not find again is explained. */
export async function closeUnseen(db: Database, since: Date, at: Date): Promise<number> {
  return db.transaction(async (tx) => {
    const closed = await tx
      .update(reconFindings)
      .set({
        closedAt: at,
        closedBecause: sql`case when told_at is null then 'no longer so' else 'learned from the gateway' end`,
      })
      .where(and(isNull(reconFindings.closedAt), lt(reconFindings.seenAt, since)))
      .returning({ id: reconFindings.id });
    if (closed.length === 0) return 0;
    const subjects = closed.map(({ id }) => subjectOf(id));
    await tx
      .update(workItems)
      .set({ closedAt: at })
      .where(and(eq(workItems.kind, WORK_KIND), inArray(workItems.subject, subjects), isNull(workItems.closedAt)));
    return closed.length;
  });
}

export async function openFindings(on: Queryable, limit = 10_000): Promise<readonly StoredFinding[]> {
  const rows = await on
    .select()
    .from(reconFindings)
    .where(isNull(reconFindings.closedAt))
    .orderBy(desc(reconFindings.unexplainedMinor), reconFindings.id)
    .limit(limit);
  return rows.map(toFinding);
}

/** Those that were explained last. */
export async function closedFindings(on: Queryable, limit: number): Promise<readonly StoredFinding[]> {
  const rows = await on
    .select()
    .from(reconFindings)
    .where(sql`${reconFindings.closedAt} is not null`)
    .orderBy(desc(reconFindings.closedAt), desc(reconFindings.id))
    .limit(limit);
  return rows.map(toFinding);
}

/** Something at a gateway or a supplier is still missing here: lists are read as far back as it may stand. */
export async function hasMissingHere(on: Queryable): Promise<boolean> {
  const [row] = await on
    .select({ id: reconFindings.id })
    .from(reconFindings)
    .where(and(eq(reconFindings.kind, 'missing_here'), isNull(reconFindings.closedAt)))
    .limit(1);
  return row !== undefined;
}

function toFinding(row: typeof reconFindings.$inferSelect): StoredFinding {
  const { name: _name, reportedAt: _reportedAt, unexplainedMinor, currency, ...rest } = row;
  return { ...rest, unexplained: sumOf(unexplainedMinor, currency) };
}

const sumOf = (minor: number | null, currency: string | null): Money | null =>
  minor === null || currency === null ? null : money(minor, currency);
