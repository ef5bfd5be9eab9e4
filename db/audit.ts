// What people did, for ever. Details hold ids and choices, never personal data; their own words are sealed.
import { and, eq } from 'drizzle-orm';
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

export interface RefundWords {
  readonly bookingId: string;
  readonly refundId: string;
  readonly reason: string;
}

/** Why a person gave money back is for the one who approves it, and may name the customer. */
export const sealReason = (keyring: Keyring, { bookingId, refundId, reason }: RefundWords): Promise<Buffer> =>
  keyring.seal(bookingId, Buffer.from(reason), contextOf(refundId));

/** By refund; empty once the person was erased. */
export async function refundReasons(
  on: Queryable,
  keyring: Keyring,
  bookingId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await on
    .select({ detail: audit.detail, sealed: audit.sealedWords })
    .from(audit)
    .where(and(eq(audit.bookingId, bookingId), eq(audit.action, 'refund')));
  const open = async ({ detail, sealed }: (typeof rows)[number]): Promise<[string, string][]> => {
    const { refundId } = detail;
    if (typeof refundId !== 'string' || !sealed) return [];
    return [[refundId, (await keyring.unseal(bookingId, sealed, contextOf(refundId))).toString()]];
  };
  try {
    return new Map((await Promise.all(rows.map(open))).flat());
  } catch (error) {
    if (error instanceof KeyDestroyed) return new Map();
    throw error;
  }
}

const contextOf = (refundId: string): string => `refund-reason/${refundId}`;
