// A new master key in the place of an old one: every data key is wrapped anew, and every address hashed anew. What was sealed
// stays as it is, for data keys do not change; so this may run beside the product, be broken off, and run again.
import { and, asc, eq, gt, isNotNull, ne } from 'drizzle-orm';
import type { Database } from './client.ts';
import { createKeyring } from './keyring.ts';
import type { Keyring, MasterKey } from './keyring.ts';
import { bookingKeys, bookings } from './schema.ts';
import { seal, unseal } from './sealing.ts';
import { readTravellers } from './travellers.ts';

export interface Rotation {
  readonly wrappedAnew: number;
  readonly hashedAnew: number;
  /** Wrapped by a master key that we were not given; nothing sealed with these can be read. */
  readonly unopened: readonly { readonly masterKeyId: string; readonly keys: number }[];
}

const AT_ONCE = 500;

export async function rotateKeys(db: Database, masters: readonly [MasterKey, ...MasterKey[]]): Promise<Rotation> {
  const [current, ...older] = masters;
  let wrappedAnew = 0;
  for (const master of older) wrappedAnew += await wrapAnew(db, master, current);
  const hashedAnew = await hashAnew(db, createKeyring(db, masters), current);
  return { wrappedAnew, hashedAnew, unopened: await unopened(db, current) };
}

async function wrapAnew(db: Database, from: MasterKey, to: MasterKey): Promise<number> {
  const isOld = and(eq(bookingKeys.masterKeyId, from.id), isNotNull(bookingKeys.wrapped));
  let count = 0;
  for (;;) {
    const rows = await db.select().from(bookingKeys).where(isOld).limit(AT_ONCE);
    for (const { keyId, wrapped } of rows) {
      if (!wrapped) continue;
      const anew = { masterKeyId: to.id, wrapped: seal(to.bytes, unseal(from.bytes, wrapped, keyId), keyId) };
      // Destroyed in this very moment, it stays destroyed.
      await db
        .update(bookingKeys)
        .set(anew)
        .where(and(eq(bookingKeys.keyId, keyId), isOld));
    }
    count += rows.length;
    if (rows.length < AT_ONCE) return count;
  }
}

/** The hash by which staff find an address is made with the master key itself: without this the old one could never go. */
async function hashAnew(db: Database, keyring: Keyring, { id: masterKeyId }: MasterKey): Promise<number> {
  let count = 0;
  let after = '';
  for (;;) {
    const rows = await db
      .select({ id: bookings.id, mailHash: bookings.mailHash })
      .from(bookings)
      .innerJoin(bookingKeys, and(eq(bookingKeys.keyId, bookings.id), eq(bookingKeys.masterKeyId, masterKeyId)))
      .where(and(isNotNull(bookings.mailHash), gt(bookings.id, after)))
      .orderBy(asc(bookings.id))
      .limit(AT_ONCE);
    for (const { id, mailHash } of rows) {
      const people = await readTravellers(db, keyring, id);
      const anew = people && keyring.blindIndex(people.contact.email);
      if (anew === undefined || anew === mailHash) continue;
      // Erased in this very moment, it stays erased.
      await db
        .update(bookings)
        .set({ mailHash: anew })
        .where(and(eq(bookings.id, id), isNotNull(bookings.mailHash)));
      count += 1;
    }
    after = rows.at(-1)?.id ?? after;
    if (rows.length < AT_ONCE) return count;
  }
}

async function unopened(db: Database, current: MasterKey): Promise<Rotation['unopened']> {
  const rows = await db
    .select({ masterKeyId: bookingKeys.masterKeyId })
    .from(bookingKeys)
    .where(and(ne(bookingKeys.masterKeyId, current.id), isNotNull(bookingKeys.wrapped)));
  const names = [...new Set(rows.map(({ masterKeyId }) => masterKeyId))].toSorted();
  return names.map((masterKeyId) => ({
    masterKeyId,
    keys: rows.filter((row) => row.masterKeyId === masterKeyId).length,
  }));
}
