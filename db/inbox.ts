// Every webhook that ever arrived, and what became of it. The API writes rows, the sweep works them off.
import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { inbox } from './schema.ts';

/** Wakes the sweep. A wake that gets lost costs a second, the time to its next look. */
export const INBOX_CHANNEL = 'holdfast_inbox';

export interface Arrival {
  readonly gateway: string;
  /** The path it came in by, or the webhook's id at the gateway. */
  readonly channel: string;
  readonly raw: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface VerifiedArrival extends Arrival {
  readonly eventId: string;
  readonly type: string;
  readonly objectRef: string | null;
  /** Null: of a type that changes nothing for us. */
  readonly effect: string | null;
  readonly paymentRef: string | null;
  readonly bookingId: string | null;
  readonly paymentId: string | null;
}

export const sha256Of = (raw: Uint8Array): string => createHash('sha256').update(raw).digest('hex');

const REJECTED_BYTES = 4_096;

export async function storeRejected(
  db: Queryable,
  { gateway, channel, raw, headers }: Arrival,
  reason: string,
): Promise<void> {
  await db.insert(inbox).values({
    gateway,
    channel,
    headers,
    verdict: 'rejected',
    state: 'failed',
    raw: Buffer.from(raw.subarray(0, REJECTED_BYTES)),
    bodySha256: sha256Of(raw),
    error: reason,
  });
}

export async function wakeSweep(db: Queryable): Promise<void> {
  await db.execute(sql`select pg_notify(${INBOX_CHANNEL}, '')`);
}
