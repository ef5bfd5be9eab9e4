// Every webhook that ever arrived, and what became of it. The API writes rows, the sweep works them off.
import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { SYSTEM_KEY } from './keyring.ts';
import type { Keyring } from './keyring.ts';
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

const CONTEXT = 'inbox';

/** A body names people, and whose booking it is about may be known later only: the house's key closes it, and erasing cuts it. */
export const sealBody = (keyring: Keyring, raw: Uint8Array): Promise<Buffer> => keyring.seal(SYSTEM_KEY, raw, CONTEXT);

export const openBody = (keyring: Keyring, sealed: Uint8Array): Promise<Buffer> =>
  keyring.unseal(SYSTEM_KEY, sealed, CONTEXT);

const REJECTED_BYTES = 4_096;

export interface InboxKeeper {
  readonly db: Queryable;
  readonly keyring: Keyring;
}

export async function storeRejected(
  { db, keyring }: InboxKeeper,
  { gateway, channel, raw, headers }: Arrival,
  reason: string,
): Promise<void> {
  await db.insert(inbox).values({
    gateway,
    channel,
    headers,
    verdict: 'rejected',
    state: 'failed',
    sealed: await sealBody(keyring, raw.subarray(0, REJECTED_BYTES)),
    bodySha256: sha256Of(raw),
    error: reason,
  });
}

export async function wakeSweep(db: Queryable): Promise<void> {
  await db.execute(sql`select pg_notify(${INBOX_CHANNEL}, '')`);
}
