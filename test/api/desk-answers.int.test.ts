import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findByScope, keepFirstAnswer } from '../../db/intake.ts';
import { idempotency } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { insertBooking, openTestDatabase } from './database-under-test.ts';
import type { DatabaseUnderTest } from './database-under-test.ts';

describeWith('postgres', 'the first answer to a create', () => {
  let database: DatabaseUnderTest;
  beforeAll(async () => {
    database = await openTestDatabase();
    await insertBooking(database, 'bk_1');
  });
  afterAll(() => database.close());

  const claimed = async (): Promise<string> => {
    const scope = randomUUID();
    await database.db.insert(idempotency).values({ scope, bodyHash: 'h', bookingId: 'bk_1', claimedUntil: sql`now()` });
    return scope;
  };
  const keep = (scope: string, text: string, instead: Buffer | null = null, bookingId = 'bk_1') =>
    keepFirstAnswer(database.db, { scope, bookingId, instead, sealedBody: Buffer.from(text) });
  const standing = async (scope: string) => (await findByScope(database.db, scope))?.sealedAnswer?.toString();

  it('stands, whoever comes later', async () => {
    const scope = await claimed();
    expect(await keep(scope, 'first')).toBe(true);
    expect(await keep(scope, 'second')).toBe(false);
    expect(await standing(scope)).toBe('first');
  });

  it('of a dead attempt is replaced once, by who saw it', async () => {
    const scope = await claimed();
    await keep(scope, 'dead');
    const outcomes = await Promise.all(['a', 'b', 'c'].map((text) => keep(scope, text, Buffer.from('dead'))));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await standing(scope)).not.toBe('dead');
  });

  it('is not written over another booking that took the place', async () => {
    const scope = await claimed();
    expect(await keep(scope, 'late', null, 'bk_2')).toBe(false);
    expect(await standing(scope)).toBeUndefined();
  });
});
