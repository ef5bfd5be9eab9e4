// One data key per booking, wrapped by a master key. Destroying the row makes everything sealed with it unreadable.
import { createHmac } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { bookingKeys } from './schema.ts';
import { newDataKey, seal, unseal } from './sealing.ts';

export const SYSTEM_KEY = 'system';

export interface MasterKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

export class KeyDestroyed extends Error {
  override readonly name = 'KeyDestroyed';
}

/** Seals with a key whose row is not committed yet, and so cannot be read back. */
export type Sealer = (plain: Uint8Array, context: string) => Buffer;

export interface Keyring {
  readonly masterKeyId: string;
  /** Inserted with the intake, in the caller's transaction. */
  create(tx: Queryable, keyId: string): Promise<Sealer>;
  seal(keyId: string, plain: Uint8Array, context: string): Promise<Buffer>;
  unseal(keyId: string, sealed: Uint8Array, context: string): Promise<Buffer>;
  /** For looking a person up without keeping the address in clear. */
  blindIndex(text: string): string;
  /** All that the same text was ever kept as: a rotation leaves older rows as they are. */
  blindIndexes(text: string): readonly string[];
}

export interface KeyCache {
  readonly size: number;
  /** How long a key that was destroyed elsewhere may go on opening things here. */
  readonly maxAgeMs: number;
}

/** The first master key wraps; all of them unwrap, so that a rotation needs no pause. */
export function createKeyring(
  db: Queryable,
  masters: readonly [MasterKey, ...MasterKey[]],
  { size, maxAgeMs }: KeyCache = { size: 5_000, maxAgeMs: 60_000 },
): Keyring {
  const [master] = masters;
  const cache = new Map<string, { readonly key: Buffer; readonly readAt: number }>();

  const recall = (keyId: string): Buffer | undefined => {
    const known = cache.get(keyId);
    if (!known || Date.now() - known.readAt >= maxAgeMs) return undefined;
    // Moved to the young end: the least recently used goes first.
    cache.delete(keyId);
    cache.set(keyId, known);
    return known.key;
  };

  const remember = (keyId: string, key: Buffer): Buffer => {
    cache.delete(keyId);
    const [oldest] = cache.keys();
    if (cache.size >= size && oldest !== undefined) cache.delete(oldest);
    cache.set(keyId, { key, readAt: Date.now() });
    return key;
  };

  const rowOf = (keyId: string, key: Buffer) => ({
    keyId,
    masterKeyId: master.id,
    wrapped: seal(master.bytes, key, keyId),
  });

  const create = async (tx: Queryable, keyId: string): Promise<Sealer> => {
    const key = newDataKey();
    await tx.insert(bookingKeys).values(rowOf(keyId, key));
    return (plain, context) => seal(key, plain, context);
  };

  const load = async (keyId: string): Promise<Buffer | undefined> => {
    const [row] = await db.select().from(bookingKeys).where(eq(bookingKeys.keyId, keyId));
    if (!row) return undefined;
    if (!row.wrapped) throw new KeyDestroyed(`the key ${keyId} was destroyed`);
    const wrappedBy = masters.find((m) => m.id === row.masterKeyId);
    if (!wrappedBy) throw new Error(`no master key ${row.masterKeyId} to unwrap ${keyId}`);
    return unseal(wrappedBy.bytes, row.wrapped, keyId);
  };

  const keyFor = async (keyId: string): Promise<Buffer> => {
    const recalled = recall(keyId);
    if (recalled) return recalled;
    const loaded = await load(keyId);
    if (loaded) return remember(keyId, loaded);
    if (keyId !== SYSTEM_KEY) throw new Error(`no key ${keyId}`);
    await db.insert(bookingKeys).values(rowOf(SYSTEM_KEY, newDataKey())).onConflictDoNothing();
    const made = await load(SYSTEM_KEY);
    if (!made) throw new Error('the system key vanished');
    return remember(SYSTEM_KEY, made);
  };

  return {
    masterKeyId: master.id,
    create,
    seal: async (keyId, plain, context) => seal(await keyFor(keyId), plain, context),
    unseal: async (keyId, sealed, context) => unseal(await keyFor(keyId), sealed, context),
    blindIndex: (text) => blindIndexWith(master, text),
    blindIndexes: (text) => masters.map((each) => blindIndexWith(each, text)),
  };
}

const blindIndexWith = ({ bytes }: MasterKey, text: string): string =>
  createHmac('sha256', bytes).update(text.trim().toLowerCase()).digest('base64url');
