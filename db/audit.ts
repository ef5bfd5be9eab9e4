// What people did, for ever. Details hold ids and choices, never personal data; their own words are sealed.
import { and, eq, sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { KeyDestroyed } from './keyring.ts';
import type { Keyring } from './keyring.ts';
import { audit } from './schema.ts';

export interface AuditEntry {
  readonly actor: string;
  readonly role: string;
  readonly action: string;
  readonly bookingId?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly sealedWords?: Buffer;
}

export async function recordAudit(on: Queryable, { detail = {}, ...entry }: AuditEntry): Promise<void> {
  await on.insert(audit).values({ ...entry, detail });
}

/** Whether a request under this id was written down before: then only its answer was lost. */
export async function isWrittenDown(on: Queryable, bookingId: string, requestId: string): Promise<boolean> {
  const [row] = await on
    .select({ id: audit.id })
    .from(audit)
    .where(and(eq(audit.bookingId, bookingId), sql`${audit.detail} ->> 'requestId' = ${requestId}`))
    .limit(1);
  return row !== undefined;
}

const CONTEXT = 'staff-words';

/** What a person wrote may name the customer: it is read for as long as the booking's key is there. */
export const sealWords = (keyring: Keyring, bookingId: string, words: string): Promise<Buffer> =>
  keyring.seal(bookingId, Buffer.from(words), CONTEXT);

/** Undefined where nothing was said, or once the person was erased. */
export async function openWords(
  keyring: Keyring,
  bookingId: string,
  sealed: Buffer | null,
): Promise<string | undefined> {
  if (!sealed) return undefined;
  try {
    return (await keyring.unseal(bookingId, sealed, CONTEXT)).toString();
  } catch (error) {
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}

/** Why staff gave money back, by refund. */
export async function refundReasons(
  on: Queryable,
  keyring: Keyring,
  bookingId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await on
    .select({ detail: audit.detail, sealed: audit.sealedWords })
    .from(audit)
    .where(and(eq(audit.bookingId, bookingId), eq(audit.action, 'refund')));
  const reasons = new Map<string, string>();
  for (const { detail, sealed } of rows) {
    const words = await openWords(keyring, bookingId, sealed);
    if (typeof detail['refundId'] === 'string' && words !== undefined) reasons.set(detail['refundId'], words);
  }
  return reasons;
}
