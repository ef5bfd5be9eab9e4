// Letters waiting to go out. Taken on lease, so that a relay that dies loses nothing and blocks nobody.
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { HouseNews, NoticeKind, StaffNotice } from '../domain/notices.ts';
import type { Database, Queryable } from './client.ts';
import { documents, notices } from './schema.ts';

export const NOTICES_CHANNEL = 'holdfast_notices';
const LEASE_S = 60;

export interface DueNotice {
  readonly id: number;
  /** Null: it concerns the house. */
  readonly bookingId: string | null;
  readonly detail: HouseNews | null;
  readonly kind: NoticeKind;
  readonly version: string;
  readonly audience: 'customer' | 'staff';
  readonly attempts: number;
  readonly createdAt: Date;
}

export async function takeDueNotices(db: Database, limit: number): Promise<DueNotice[]> {
  const due = db
    .select({ id: notices.id })
    .from(notices)
    .where(and(eq(notices.state, 'pending'), sql`${notices.nextAt} <= now()`))
    .orderBy(notices.nextAt)
    .limit(limit)
    .for('update', { skipLocked: true });
  return db
    .update(notices)
    .set({ nextAt: sql`now() + make_interval(secs => ${LEASE_S})`, attempts: sql`${notices.attempts} + 1` })
    .where(inArray(notices.id, due))
    .returning({
      id: notices.id,
      bookingId: notices.bookingId,
      detail: notices.detail,
      kind: notices.kind,
      version: notices.version,
      audience: notices.audience,
      attempts: notices.attempts,
      createdAt: notices.createdAt,
    });
}

export interface StaffNews {
  readonly kind: StaffNotice;
  readonly version: string;
  readonly detail: HouseNews;
}

/** For staff, about no booking; once per kind and version however often it is found. */
export async function tellStaff(on: Queryable, news: StaffNews): Promise<void> {
  const values = { ...news, bookingId: null, audience: 'staff' } as const;
  const [told] = await on.insert(notices).values(values).onConflictDoNothing().returning({ id: notices.id });
  if (told) await on.execute(sql`select pg_notify(${NOTICES_CHANNEL}, '')`);
}

export async function markSent(on: Queryable, id: number): Promise<void> {
  await on
    .update(notices)
    .set({ state: 'sent', sentAt: sql`now()`, error: null })
    .where(eq(notices.id, id));
}

export async function markRefused(on: Queryable, id: number, reason: string): Promise<void> {
  await on.update(notices).set({ state: 'refused', error: reason }).where(eq(notices.id, id));
}

export async function postponeNotice(
  on: Queryable,
  id: number,
  delay: { seconds: number; error: string | null },
): Promise<void> {
  const nextAt = sql`now() + make_interval(secs => ${delay.seconds})`;
  await on.update(notices).set({ nextAt, error: delay.error }).where(eq(notices.id, id));
}

/** The newest paper of each kind and number. */
export async function latestDocuments(on: Queryable, bookingId: string): Promise<(typeof documents.$inferSelect)[]> {
  return on
    .selectDistinctOn([documents.kind, documents.number])
    .from(documents)
    .where(eq(documents.bookingId, bookingId))
    .orderBy(documents.kind, documents.number, sql`${documents.version} desc`);
}
