// One key per booking, wrapped by a master key: who may open what, and what destroying a key destroys.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bookingsOf } from '../../db/erasures.ts';
import { rotateKeys } from '../../db/key-rotation.ts';
import { KeyDestroyed, SYSTEM_KEY, createKeyring } from '../../db/keyring.ts';
import type { KeyCache, Keyring, MasterKey } from '../../db/keyring.ts';
import { whyUnopened } from '../../db/master-keys.ts';
import { bookingKeys, travellers } from '../../db/schema.ts';
import { unseal } from '../../db/sealing.ts';
import { readTravellers } from '../../db/travellers.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench, refusedBy } from './test-bench.ts';
import type { Bench } from './test-bench.ts';

const master = (id: string): MasterKey => ({ id, bytes: randomBytes(32) });
const old = master('2025');
const current = master('2026');
/** As Node’s cipher puts it: a wrong key, context, tag or text, or not even a whole tag. */
const UNREADABLE = /unable to authenticate data|Invalid authentication tag length|Invalid initialization vector/i;
const plain = Buffer.from('Ada Lovelace, passport 123');

describeWith('postgres', 'the keyring', () => {
  let bench: Bench;
  let count = 0;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const ring = (masters: readonly [MasterKey, ...MasterKey[]], cache?: KeyCache): Keyring =>
    createKeyring(bench.db, masters, cache);
  const newKey = async (keyring: Keyring): Promise<string> => {
    count += 1;
    const keyId = `bk_k${count}`;
    await keyring.create(bench.db, keyId);
    return keyId;
  };
  const destroy = (keyId: string) =>
    bench.db
      .update(bookingKeys)
      .set({ wrapped: sql`null`, destroyedAt: sql`now()` })
      .where(eq(bookingKeys.keyId, keyId));

  it('opens what it sealed, also in another process', async () => {
    const keyId = await newKey(ring([current]));
    const sealed = await ring([current]).seal(keyId, plain, 'travellers');
    expect(await ring([current]).unseal(keyId, sealed, 'travellers')).toEqual(plain);
  });

  it('seals at once with a key whose row is not committed yet, and loses both together', async () => {
    const kept: { sealed?: Buffer } = {};
    await bench.db.transaction(async (tx) => {
      const seal = await ring([current]).create(tx, 'bk_committed');
      kept.sealed = seal(plain, 'travellers');
    });
    expect(await ring([current]).unseal('bk_committed', kept.sealed ?? Buffer.alloc(0), 'travellers')).toEqual(plain);
    const lost = bench.db.transaction(async (tx) => {
      await ring([current]).create(tx, 'bk_lost');
      throw new Error('rolled back');
    });
    await expect(lost).rejects.toThrow('rolled back');
    await expect(ring([current]).seal('bk_lost', plain, '')).rejects.toThrow('no key bk_lost');
  });

  it('never seals the same text to the same bytes, nor shows any of it', async () => {
    const keyring = ring([current]);
    const keyId = await newKey(keyring);
    const [a, b] = [await keyring.seal(keyId, plain, 'c'), await keyring.seal(keyId, plain, 'c')];
    expect(a.equals(b)).toBe(false);
    expect(a.toString('latin1')).not.toContain('Ada');
  });

  it('opens nothing in another context, by another key, or changed in a single bit', async () => {
    const keyring = ring([current]);
    const [keyId, other] = [await newKey(keyring), await newKey(keyring)];
    const sealed = await keyring.seal(keyId, plain, 'travellers');
    await expect(keyring.unseal(keyId, sealed, 'client_secret')).rejects.toThrow(UNREADABLE);
    await expect(keyring.unseal(other, sealed, 'travellers')).rejects.toThrow(UNREADABLE);
    for (const at of [0, 11, 12, 27, 28, sealed.length - 1]) {
      const tampered = Buffer.from(sealed);
      tampered.writeUInt8((tampered[at] ?? 0) ^ 1, at);
      await expect(keyring.unseal(keyId, tampered, 'travellers')).rejects.toThrow(UNREADABLE);
    }
  });

  it('opens nothing that was cut short, not even nothing itself', async () => {
    const keyring = ring([current]);
    const keyId = await newKey(keyring);
    const empty = await keyring.seal(keyId, Buffer.alloc(0), 'c');
    expect(await keyring.unseal(keyId, empty, 'c')).toHaveLength(0);
    // A tag of four bytes would be guessed in an afternoon.
    for (const length of [0, 11, 12, 16, 20, 24, 27])
      await expect(keyring.unseal(keyId, empty.subarray(0, length), 'c')).rejects.toThrow(UNREADABLE);
  });

  it('goes on opening what an old master key wrapped, and wraps with the new one', async () => {
    const before = ring([old]);
    const keyId = await newKey(before);
    const sealed = await before.seal(keyId, plain, 'c');
    const rotated = ring([current, old]);
    expect(await rotated.unseal(keyId, sealed, 'c')).toEqual(plain);
    expect(rotated.masterKeyId).toBe('2026');
    const fresh = await newKey(rotated);
    const rows = await bench.db.select().from(bookingKeys);
    expect(rows.find((row) => row.keyId === keyId)?.masterKeyId).toBe('2025');
    expect(rows.find((row) => row.keyId === fresh)?.masterKeyId).toBe('2026');
  });

  it('needs the old master key no more once its keys were wrapped anew, and finds people as before', async () => {
    const before = ring([old]);
    const booking = await bench.add({ id: 'bk_rotated' }, { mailHash: before.blindIndex('ada@example.com') });
    const seal = await before.create(bench.db, booking.id);
    const people = { contact: { email: 'ada@example.com' } };
    await bench.db
      .insert(travellers)
      .values({ bookingId: booking.id, sealed: seal(Buffer.from(JSON.stringify(people)), 'travellers') });
    const [keyId, gone] = [await newKey(before), await newKey(before)];
    const sealed = await before.seal(keyId, plain, 'c');
    await destroy(gone);

    expect(await rotateKeys(bench.db, [current])).toMatchObject({
      wrappedAnew: 0,
      unopened: [{ masterKeyId: '2025' }],
    });
    const { wrappedAnew, hashedAnew, unopened } = await rotateKeys(bench.db, [current, old]);
    expect([wrappedAnew >= 2, hashedAnew, unopened]).toEqual([true, 1, []]);
    const after = ring([current]);
    expect(await after.unseal(keyId, sealed, 'c')).toEqual(plain);
    expect(await readTravellers(bench.db, after, booking.id)).toEqual(people);
    expect(await bookingsOf(bench.db, { kind: 'mail', hashes: after.blindIndexes(' Ada@example.com') })).toEqual([
      booking.id,
    ]);
    await expect(after.seal(gone, plain, 'c')).rejects.toThrow(KeyDestroyed);
    expect(await rotateKeys(bench.db, [current, old])).toEqual({ wrappedAnew: 0, hashedAnew: 0, unopened: [] });
  });

  it('opens nothing without the master key that wrapped it, nor with another of that name', async () => {
    const keyId = await newKey(ring([old]));
    await expect(ring([current]).seal(keyId, plain, 'c')).rejects.toThrow('no master key 2025');
    await expect(ring([master('2025')]).seal(keyId, plain, 'c')).rejects.toThrow(UNREADABLE);
  });

  it('holds a wrapped key to the booking it was made for', async () => {
    const keyring = ring([current]);
    const [mine, other] = [await newKey(keyring), await newKey(keyring)];
    const [row] = await bench.db.select().from(bookingKeys).where(eq(bookingKeys.keyId, other));
    await bench.db
      .update(bookingKeys)
      .set({ wrapped: row?.wrapped ?? null })
      .where(eq(bookingKeys.keyId, mine));
    await expect(ring([current]).seal(mine, plain, 'c')).rejects.toThrow(UNREADABLE);
  });

  it('says that a key was destroyed, and never makes a new one in its place', async () => {
    const keyring = ring([current]);
    const keyId = await newKey(keyring);
    const sealed = await keyring.seal(keyId, plain, 'c');
    await destroy(keyId);
    await expect(ring([current]).unseal(keyId, sealed, 'c')).rejects.toThrow(KeyDestroyed);
    await expect(ring([current]).seal(keyId, plain, 'c')).rejects.toThrow(KeyDestroyed);
    expect(await refusedBy(ring([current]).create(bench.db, keyId))).toBe('booking_keys_pkey');
  });

  it('asks the database once for a key it uses often', async () => {
    const keyId = await newKey(ring([current]));
    const keyring = ring([current]);
    const sealed = await keyring.seal(keyId, plain, 'c');
    await bench.db.delete(bookingKeys).where(eq(bookingKeys.keyId, keyId));
    expect(await keyring.unseal(keyId, sealed, 'c')).toEqual(plain);
  });

  it('forgets a key in time, so that what was destroyed elsewhere is destroyed here', async () => {
    const keyring = ring([current], { size: 10, maxAgeMs: 0 });
    const keyId = await newKey(keyring);
    const sealed = await keyring.seal(keyId, plain, 'c');
    await destroy(keyId);
    await expect(keyring.unseal(keyId, sealed, 'c')).rejects.toThrow(KeyDestroyed);
  });

  it('remembers the keys used last, and no more of them than it may', async () => {
    const keyring = ring([current], { size: 2, maxAgeMs: 60_000 });
    const [a, b, c] = [await newKey(keyring), await newKey(keyring), await newKey(keyring)];
    for (const keyId of [a, b, a, c]) await keyring.seal(keyId, plain, 'c');
    await bench.db.delete(bookingKeys).where(sql`key_id in (${a}, ${b}, ${c})`);
    await keyring.seal(a, plain, 'c');
    await keyring.seal(c, plain, 'c');
    await expect(keyring.seal(b, plain, 'c')).rejects.toThrow('no key');
  });

  it('makes the system’s key once, whoever needs it first', async () => {
    const sealed = await Promise.all(Array.from({ length: 8 }, () => ring([current]).seal(SYSTEM_KEY, plain, 'c')));
    expect(await bench.rows(sql`select key_id from booking_keys where key_id = ${SYSTEM_KEY}`)).toHaveLength(1);
    for (const bytes of sealed) expect(await ring([current]).unseal(SYSTEM_KEY, bytes, 'c')).toEqual(plain);
  });

  it('finds a person by address without keeping it', () => {
    const keyring = ring([current]);
    expect(keyring.blindIndex(' Ada@Example.com ')).toBe(keyring.blindIndex('ada@example.com'));
    expect(keyring.blindIndex('ada@example.com')).not.toBe(keyring.blindIndex('eda@example.com'));
    expect(keyring.blindIndex('ada@example.com')).not.toBe(ring([old]).blindIndex('ada@example.com'));
    expect(keyring.blindIndex('ada@example.com')).not.toMatch(/ada|example/i);
  });

  it('finds whoever was kept before the master key changed', () => {
    const rotated = ring([current, old]);
    expect(rotated.blindIndexes('ada@example.com')).toContain(ring([old]).blindIndex('Ada@example.com'));
    expect(rotated.blindIndexes('ada@example.com')).toContain(rotated.blindIndex('ada@example.com'));
  });

  it('lets a history carry its own key, which opens that history without this database, and no traveller', async () => {
    const keyring = ring([old]);
    const keyId = await newKey(keyring);
    const history = await keyring.histories.seal(keyId, plain, 'history');
    const traveller = await keyring.seal(keyId, plain, 'travellers');
    const wrapped = await keyring.histories.escrowOf(keyId);
    const elsewhere = ring([current, old]);
    const key = elsewhere.openEscrow({ keyId, masterKeyId: old.id, wrapped });
    expect(unseal(key, history, 'history')).toEqual(plain);
    expect(() => unseal(key, traveller, 'travellers')).toThrow(UNREADABLE);
    expect(() => ring([current]).openEscrow({ keyId, masterKeyId: old.id, wrapped })).toThrow('no master key 2025');
    expect(() => elsewhere.openEscrow({ keyId: 'bk_other', masterKeyId: old.id, wrapped })).toThrow(UNREADABLE);
  });

  it('goes on in the history of a booking whose own key was lost, and seals travellers with a new one', async () => {
    const lost = ring([current]);
    const keyId = await newKey(lost);
    const history = await lost.histories.seal(keyId, plain, 'history');
    const traveller = await lost.seal(keyId, plain, 'travellers');
    const escrow = { keyId, masterKeyId: current.id, wrapped: await lost.histories.escrowOf(keyId) };
    await bench.db.delete(bookingKeys).where(eq(bookingKeys.keyId, keyId));
    const found = ring([current]);
    await found.createBeside(bench.db, keyId, found.openEscrow(escrow));
    expect(await found.histories.unseal(keyId, history, 'history')).toEqual(plain);
    expect(await lost.histories.unseal(keyId, await found.histories.seal(keyId, plain, 'h'), 'h')).toEqual(plain);
    await expect(found.unseal(keyId, traveller, 'travellers')).rejects.toThrow(UNREADABLE);
    await destroy(keyId);
    await expect(ring([current]).histories.unseal(keyId, history, 'history')).rejects.toThrow(KeyDestroyed);
  });

  it('names each master key that it lacks, and none of which every key was destroyed', async () => {
    await bench.db.delete(bookingKeys);
    expect(await whyUnopened(bench.db, [current])).toBeUndefined();
    const [lost, gone] = [master('m2'), master('m0')];
    for (const each of [current, old, old, lost]) await newKey(ring([each]));
    await destroy(await newKey(ring([gone])));
    expect(await whyUnopened(bench.db, [current, old, lost])).toBeUndefined();
    expect(await whyUnopened(bench.db, [current, lost])).toContain('master key 2025, which');
    expect(await whyUnopened(bench.db, [current])).toContain('master keys 2025, m2, which');
    const mislaid = { ...current, bytes: master('').bytes };
    expect(await whyUnopened(bench.db, [mislaid, old, lost])).toContain('another master key 2026 than the one');
  });

  it('lets go of a master key that is lost for good as docs/security.md says, and of no other', async () => {
    await bench.db.delete(bookingKeys);
    const lost = master('m2');
    const [theirs, ours] = [await newKey(ring([lost])), await newKey(ring([current]))];
    const sealed = await ring([current]).seal(ours, plain, 'c');
    await ring([lost]).seal(SYSTEM_KEY, plain, 'c');
    const document = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
    const [, statements = ''] = /```sql\n([^`]*)```/.exec(document) ?? [];
    await bench.pool.query(statements);
    expect(await whyUnopened(bench.db, [current])).toBeUndefined();
    expect(await ring([current]).unseal(ours, sealed, 'c')).toEqual(plain);
    await expect(ring([current]).seal(theirs, plain, 'c')).rejects.toThrow(KeyDestroyed);
    expect(await ring([current]).seal(SYSTEM_KEY, plain, 'c')).toBeInstanceOf(Buffer);
  });
});
