// The inbox as staff see it: found by filter, read in pages, sent round once more.
import { and, desc, eq, inArray, lt, ne, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { inbox } from './schema.ts';

export const INBOX_STATES = ['pending', 'handled', 'parked', 'ignored', 'failed'] as const;

export interface InboxFilter {
  readonly state?: (typeof INBOX_STATES)[number] | undefined;
  readonly gateway?: string | undefined;
  readonly type?: string | undefined;
  readonly bookingId?: string | undefined;
}

/** What is shown of a row; its body and headers stay where they are. */
const SHOWN = {
  id: inbox.id,
  gateway: inbox.gateway,
  channel: inbox.channel,
  eventId: inbox.eventId,
  type: inbox.type,
  bookingId: inbox.bookingId,
  verdict: inbox.verdict,
  state: inbox.state,
  attempts: inbox.attempts,
  receivedAt: inbox.receivedAt,
  handledAt: inbox.handledAt,
  error: inbox.error,
};

export async function listInbox(
  on: Queryable,
  filter: InboxFilter,
  page: { readonly before: number | undefined; readonly limit: number },
) {
  const older = page.before === undefined ? undefined : lt(inbox.id, page.before);
  return on
    .select(SHOWN)
    .from(inbox)
    .where(and(...matching(filter), older))
    .orderBy(desc(inbox.id))
    .limit(page.limit);
}

/** With its body, closed; null once it was cut. */
export async function readInboxRow(on: Queryable, id: number) {
  const { headers, bodySha256, sealed } = inbox;
  const [row] = await on
    .select({ ...SHOWN, headers, bodySha256, sealed })
    .from(inbox)
    .where(eq(inbox.id, id));
  return row;
}

function matching({ state, gateway, type, bookingId }: InboxFilter): (SQL | undefined)[] {
  return [
    state && eq(inbox.state, state),
    gateway === undefined ? undefined : eq(inbox.gateway, gateway),
    type === undefined ? undefined : eq(inbox.type, type),
    bookingId === undefined ? undefined : eq(inbox.bookingId, bookingId),
  ].map((condition) => condition || undefined);
}

export type Replay = { kind: 'queued' } | { kind: 'unknown' } | { kind: 'not_replayable'; why: 'rejected' | 'ignored' };

/** Due again now. What was rejected proved nothing, and what is ignored would be ignored again. */
export async function replayRow(on: Queryable, id: number): Promise<Replay> {
  const [queued] = await on
    .update(inbox)
    .set(dueAgain)
    .where(and(eq(inbox.id, id), replayable))
    .returning({ id: inbox.id });
  if (queued) return { kind: 'queued' };
  const [row] = await on.select({ verdict: inbox.verdict }).from(inbox).where(eq(inbox.id, id));
  if (!row) return { kind: 'unknown' };
  return { kind: 'not_replayable', why: row.verdict === 'rejected' ? 'rejected' : 'ignored' };
}

const REPLAYED_AT_ONCE = 1_000;

export async function replayMatching(on: Queryable, filter: InboxFilter): Promise<number> {
  const chosen = on
    .select({ id: inbox.id })
    .from(inbox)
    .where(and(...matching(filter), replayable))
    .orderBy(inbox.id)
    .limit(REPLAYED_AT_ONCE);
  const queued = await on.update(inbox).set(dueAgain).where(inArray(inbox.id, chosen)).returning({ id: inbox.id });
  return queued.length;
}

const replayable = and(eq(inbox.verdict, 'verified'), ne(inbox.state, 'ignored'));

/** Attempts start over, so that an event of days ago is not given up at its first failure. */
const dueAgain = { state: 'pending', nextAt: sql`now()`, attempts: 0, replayedAt: sql`now()`, error: null } as const;
