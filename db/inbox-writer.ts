// Writes webhooks down, those that arrive together in one commit: a gateway waits for this, and so do all behind it.
import { sql } from 'drizzle-orm';
import type { Database } from './client.ts';
import { isUnavailable } from './client.ts';
import { INBOX_CHANNEL, sealBody, sha256Of } from './inbox.ts';
import type { VerifiedArrival } from './inbox.ts';
import type { Keyring } from './keyring.ts';

/**
 * Two, so that one slow commit does not hold up all others. Many would only make the groups smaller, and each
 * commit that notifies waits for the one before it.
 */
const COMMITS_AT_ONCE = 2;
const LARGEST_GROUP = 64;

interface Waiting {
  readonly arrival: VerifiedArrival;
  readonly sealed: Buffer;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Resolves once the event is committed, now or by an earlier arrival of it. */
export type InboxWriter = (arrival: VerifiedArrival) => Promise<void>;

export function createInboxWriter(db: Database, keyring: Keyring): InboxWriter {
  const queue: Waiting[] = [];
  let committing = 0;

  const commit = async (): Promise<void> => {
    const group = queue.splice(0, LARGEST_GROUP);
    try {
      await insert(db, group);
    } catch (error) {
      await oneByOne(db, group, error);
    }
  };

  const pump = (): void => {
    if (queue.length === 0 || committing === COMMITS_AT_ONCE) return;
    committing += 1;
    void commit().finally(() => {
      committing -= 1;
      pump();
    });
  };

  return async (arrival) => {
    const sealed = await sealBody(keyring, arrival.raw);
    return new Promise((done, failed) => {
      queue.push({ arrival, sealed, done, failed });
      pump();
    });
  };
}

async function insert(db: Database, group: readonly Waiting[]): Promise<void> {
  const rows = JSON.stringify(group.map(rowOf));
  await db.execute(sql`
    with stored as (
      insert into inbox (gateway, channel, event_id, type, payment_ref, object_ref, effect, booking_id, payment_id, verdict, state, sealed, headers, body_sha256)
      select gateway, channel, event_id, type, payment_ref, object_ref, effect, booking_id, payment_id, 'verified',
        case when effect is null then 'ignored' else 'pending' end, decode(sealed, 'base64'), headers, body_sha256
      from json_to_recordset(${rows}) as arrived(gateway text, channel text, event_id text, type text, payment_ref text,
        object_ref text, effect text, booking_id text, payment_id text, sealed text, headers jsonb, body_sha256 text)
      on conflict (gateway, channel, event_id) where verdict = 'verified' do nothing
      returning state
    )
    select pg_notify(${INBOX_CHANNEL}, '') from stored where state = 'pending' limit 1`);
  for (const { done } of group) done();
}

function rowOf({ arrival, sealed }: Waiting) {
  const { eventId, paymentRef, objectRef, bookingId, paymentId, raw, ...rest } = arrival;
  const ours = { booking_id: bookingId, payment_id: paymentId };
  const named = { event_id: eventId, payment_ref: paymentRef, object_ref: objectRef, ...ours };
  return { ...rest, ...named, sealed: sealed.toString('base64'), body_sha256: sha256Of(raw) };
}

/** What cannot be stored must not take its neighbours along. */
async function oneByOne(db: Database, group: readonly Waiting[], error: unknown): Promise<void> {
  if (group.length === 1 || isUnavailable(error)) {
    for (const { failed } of group) failed(error);
    return;
  }
  for (const waiting of group) await insert(db, [waiting]).catch(waiting.failed);
}
