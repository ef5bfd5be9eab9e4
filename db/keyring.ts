// One data key per booking, wrapped by a master key. Destroying the row makes everything sealed with it unreadable.
import { createHmac, hkdfSync } from 'node:crypto';
import { inArray } from 'drizzle-orm';
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

/**
 * Seals what Temporal keeps. Its keys are made from the bookings' own and open nothing else, so that a history may carry
 * its key, wrapped by a master key, and still be read when this database is lost; what names a person stays shut then.
 */
export interface HistorySealer {
  readonly masterKeyId: string;
  seal(keyId: string, plain: Uint8Array, context: string): Promise<Buffer>;
  unseal(keyId: string, sealed: Uint8Array, context: string): Promise<Buffer>;
  /** The key of that history, wrapped, to be kept with what it seals. */
  escrowOf(keyId: string): Promise<Buffer>;
}

/** A history's key as that history carries it. */
export interface Escrow {
  readonly keyId: string;
  readonly masterKeyId: string;
  readonly wrapped: Uint8Array;
}

export interface Keyring {
  readonly masterKeyId: string;
  readonly histories: HistorySealer;
  /** Inserted with the intake, in the caller's transaction. */
  create(tx: Queryable, keyId: string): Promise<Sealer>;
  /** For a booking whose own key is lost: a new one, beside the key of its history. */
  createBeside(tx: Queryable, keyId: string, historyKey: Uint8Array): Promise<void>;
  /** Throws where the master key of that day is not among ours. */
  openEscrow(escrow: Escrow): Buffer;
  seal(keyId: string, plain: Uint8Array, context: string): Promise<Buffer>;
  unseal(keyId: string, sealed: Uint8Array, context: string): Promise<Buffer>;
  /** For looking a person up without keeping the address in clear. */
  blindIndex(text: string): string;
  /** All that the same text was ever kept as: a rotation leaves older rows as they are. */
  blindIndexes(text: string): readonly string[];
}

interface Keys {
  readonly key: Buffer;
  readonly history: Buffer;
  readonly escrow: Buffer;
}

export interface KeyCache {
  readonly size: number;
  /** How long a key that was destroyed elsewhere may go on opening things here. */
  readonly maxAgeMs: number;
}

/** Young ones stay: the least recently used goes first. */
function createCache({ size, maxAgeMs }: KeyCache) {
  const cache = new Map<string, { readonly keys: Keys; readonly readAt: number }>();
  return {
    recall: (keyId: string): Keys | undefined => {
      const known = cache.get(keyId);
      if (!known || Date.now() - known.readAt >= maxAgeMs) return undefined;
      cache.delete(keyId);
      cache.set(keyId, known);
      return known.keys;
    },
    remember: (keyId: string, keys: Keys): Keys => {
      cache.delete(keyId);
      const [oldest] = cache.keys();
      if (cache.size >= size && oldest !== undefined) cache.delete(oldest);
      cache.set(keyId, { keys, readAt: Date.now() });
      return keys;
    },
  };
}

type Masters = readonly [MasterKey, ...MasterKey[]];

/** The first master key wraps; all of them unwrap, so that a rotation needs no pause. */
function wrappingBy(masters: Masters) {
  const [master] = masters;
  const wrap = (keyId: string, key: Uint8Array): Buffer => seal(master.bytes, key, keyId);
  return {
    wrap,
    unwrap: ({ keyId, masterKeyId, wrapped }: Escrow): Buffer => {
      const wrappedBy = masters.find(({ id }) => id === masterKeyId);
      if (!wrappedBy) throw new Error(`no master key ${masterKeyId} to unwrap ${keyId}`);
      return unseal(wrappedBy.bytes, wrapped, keyId);
    },
    rowOf: (keyId: string, key: Uint8Array) => ({ keyId, masterKeyId: master.id, wrapped: wrap(keyId, key) }),
  };
}

/** How the keys of a booking are had: undefined where it has none. */
type KeyLoader = (keyId: string) => Promise<Keys | undefined>;

function loaderFrom(db: Queryable, { wrap, unwrap }: ReturnType<typeof wrappingBy>): KeyLoader {
  return async (keyId) => {
    const rows = await db
      .select()
      .from(bookingKeys)
      .where(inArray(bookingKeys.keyId, [keyId, ofHistory(keyId)]));
    const opened = (name: string): Buffer | undefined => {
      const row = rows.find((each) => each.keyId === name);
      if (row && !row.wrapped) throw new KeyDestroyed(`the key ${name} was destroyed`);
      return row?.wrapped ? unwrap({ ...row, wrapped: row.wrapped }) : undefined;
    };
    const key = opened(keyId);
    if (!key) return undefined;
    const history = opened(ofHistory(keyId)) ?? Buffer.from(hkdfSync('sha256', key, '', 'history', key.length));
    return { key, history, escrow: wrap(ofHistory(keyId), history) };
  };
}

export function createKeyring(
  db: Queryable,
  masters: Masters,
  cache: KeyCache = { size: 5_000, maxAgeMs: 60_000 },
): Keyring {
  const [master] = masters;
  const { recall, remember } = createCache(cache);
  const wrapping = wrappingBy(masters);
  const { rowOf } = wrapping;
  const load = loaderFrom(db, wrapping);

  const create = async (tx: Queryable, keyId: string): Promise<Sealer> => {
    const key = newDataKey();
    await tx.insert(bookingKeys).values(rowOf(keyId, key));
    return (plain, context) => seal(key, plain, context);
  };

  const keysFor = async (keyId: string): Promise<Keys> => {
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
    histories: {
      masterKeyId: master.id,
      seal: async (keyId, plain, context) => seal((await keysFor(keyId)).history, plain, context),
      unseal: async (keyId, sealed, context) => unseal((await keysFor(keyId)).history, sealed, context),
      escrowOf: async (keyId) => (await keysFor(keyId)).escrow,
    },
    create,
    createBeside: async (tx, keyId, historyKey) => {
      await tx.insert(bookingKeys).values([rowOf(keyId, newDataKey()), rowOf(ofHistory(keyId), historyKey)]);
    },
    openEscrow: (escrow) => wrapping.unwrap({ ...escrow, keyId: ofHistory(escrow.keyId) }),
    seal: async (keyId, plain, context) => seal((await keysFor(keyId)).key, plain, context),
    unseal: async (keyId, sealed, context) => unseal((await keysFor(keyId)).key, sealed, context),
    blindIndex: (text) => blindIndexWith(master, text),
    blindIndexes: (text) => masters.map((each) => blindIndexWith(each, text)),
  };
}

const ofHistory = (keyId: string): string => `history/${keyId}`;

const blindIndexWith = ({ bytes }: MasterKey, text: string): string =>
  createHmac('sha256', bytes).update(text.trim().toLowerCase()).digest('base64url');
