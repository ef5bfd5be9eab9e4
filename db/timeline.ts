// One line of time per booking: facts, raw webhooks, letters, papers and what staff did.
import { asc, eq } from 'drizzle-orm';
import type { DocumentKind } from '../domain/documents.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { Queryable } from './client.ts';
import { answersOf } from './payment-answers.ts';
import { audit, bookingEvents, documents, inbox, notices } from './schema.ts';

interface Moment {
  readonly at: Date;
}

export type TimelineEntry =
  | (Moment & { kind: 'event'; type: BookingEvent['type']; seq: number; data: BookingEvent })
  | (Moment & {
      kind: 'webhook';
      type: string;
      inboxId: number;
      gateway: string;
      eventId: string | null;
      state: string;
      attempts: number;
    })
  | (Moment & { kind: 'answer'; type: string; payment: string; version: number; sealedAnswer: Buffer })
  | (Moment & { kind: 'notice'; type: string; audience: 'customer' | 'staff'; state: string; sentAt: Date | null })
  | (Moment & { kind: 'document'; type: DocumentKind; number: number; version: number; sha256: string })
  | (Moment & {
      kind: 'staff';
      type: string;
      actor: string;
      role: string;
      detail: Record<string, unknown>;
      sealedWords: Buffer | null;
    });

export async function timelineOf(on: Queryable, bookingId: string): Promise<readonly TimelineEntry[]> {
  const parts = [eventsOf, learnedFrom, webhooksOf, noticesOf, documentsOf, actionsOf].map((read) =>
    read(on, bookingId),
  );
  const entries = (await Promise.all(parts)).flat();
  return entries.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

async function eventsOf(on: Queryable, bookingId: string): Promise<TimelineEntry[]> {
  const { at, type, seq, data } = bookingEvents;
  const rows = await on
    .select({ at, type, seq, data })
    .from(bookingEvents)
    .where(eq(bookingEvents.bookingId, bookingId))
    .orderBy(asc(seq));
  return rows.map((row) => ({ kind: 'event', ...row }));
}

/** In the gateway's own words, after the facts that were learned from it. */
async function learnedFrom(on: Queryable, bookingId: string): Promise<TimelineEntry[]> {
  const answers = await answersOf(on, bookingId);
  return answers.map(({ at, wireStatus: type, paymentId: payment, bookingVersion: version, sealed: sealedAnswer }) => ({
    kind: 'answer',
    at,
    type,
    payment,
    version,
    sealedAnswer,
  }));
}

async function webhooksOf(on: Queryable, bookingId: string): Promise<TimelineEntry[]> {
  const { id: inboxId, receivedAt: at, type, gateway, eventId, state, attempts } = inbox;
  const rows = await on
    .select({ at, type, inboxId, gateway, eventId, state, attempts })
    .from(inbox)
    .where(eq(inbox.bookingId, bookingId))
    .orderBy(asc(inboxId));
  return rows.map((row) => ({ kind: 'webhook', ...row, type: row.type ?? 'unknown' }));
}

async function noticesOf(on: Queryable, bookingId: string): Promise<TimelineEntry[]> {
  const { createdAt: at, kind: type, audience, state, sentAt } = notices;
  const rows = await on
    .select({ at, type, audience, state, sentAt })
    .from(notices)
    .where(eq(notices.bookingId, bookingId));
  return rows.map((row) => ({ kind: 'notice', ...row }));
}

async function documentsOf(on: Queryable, bookingId: string): Promise<TimelineEntry[]> {
  const { createdAt: at, kind: type, number, version, sha256 } = documents;
  const rows = await on
    .select({ at, type, number, version, sha256 })
    .from(documents)
    .where(eq(documents.bookingId, bookingId));
  return rows.map((row) => ({ kind: 'document', ...row }));
}

async function actionsOf(on: Queryable, bookingId: string): Promise<TimelineEntry[]> {
  const { at, action: type, actor, role, detail, sealedWords } = audit;
  const rows = await on
    .select({ at, type, actor, role, detail, sealedWords })
    .from(audit)
    .where(eq(audit.bookingId, bookingId))
    .orderBy(asc(at));
  return rows.map((row) => ({ kind: 'staff', ...row }));
}
