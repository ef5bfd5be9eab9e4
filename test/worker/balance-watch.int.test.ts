import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../db/client.ts';
import type { OpenDatabase } from '../../db/client.ts';
import { createKeyring } from '../../db/keyring.ts';
import { takeDueNotices } from '../../db/notices.ts';
import { bookings } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import { createLog } from '../../log.ts';
import { lookAtBalance } from '../../worker/balance-watch.ts';
import { writeLetter } from '../../worker/letters.ts';
import { createTestDatabase } from '../setup/database.ts';
import { describeWith } from '../setup/parts.ts';
import { productOf } from '../workflows/intake.ts';
import { scriptedSupplier } from '../workflows/scripted-supplier.ts';

describeWith('postgres', 'the prepaid balance', () => {
  let database: OpenDatabase;
  const { supplier, script } = scriptedSupplier(() => new Date(), 'balance');
  const clock = (): Date => new Date('2026-03-01T10:00:00Z');
  const watch = () => ({
    db: database.db,
    supplier,
    floor: '1000',
    clock,
    log: createLog({ level: 'silent', process: 'test' }),
  });

  beforeAll(async () => {
    const { url } = await createTestDatabase();
    database = openDatabase({ url, poolSize: 2, applicationName: 'test', onIdleError: () => {} });
  });
  afterAll(() => database.close());

  it('is no news while it covers what open bookings need and the floor', async () => {
    script.balanceMinor = 100_000;
    await lookAtBalance(watch());
    expect(await takeDueNotices(database.db, 10)).toEqual([]);
  });

  it('is told of once a day when open bookings will bring it under the floor', async () => {
    await database.db.insert(bookings).values({
      id: 'bk_open',
      number: 'HF-OPEN',
      storefront: 'trektoo',
      externalId: 'open',
      bodyHash: 'x',
      kind: 'activity',
      ownerSub: 'c',
      chargeMinor: 11_000,
      currency: 'USD',
      netMinor: 10_000,
      netCurrency: 'USD',
      expiresAt: new Date(),
      product: productOf('bk_open', clock(), {}),
    });
    script.balanceMinor = 109_999;
    await lookAtBalance(watch());
    await lookAtBalance(watch());
    const due = await takeDueNotices(database.db, 10);
    expect(due).toMatchObject([{ kind: 'low_balance', bookingId: null, detail: { amount: money(109_999, 'USD') } }]);
    const [notice] = due;
    if (!notice) throw new Error('no notice');
    const brand = { name: 'H', merchant: 'H', supportEmail: 'h@example.com', supportPhone: null, supportUrl: null };
    const keyring = createKeyring(database.db, [{ id: 'm1', bytes: randomBytes(32) }]);
    const letter = await writeLetter(
      { db: database.db, keyring, brand, staff: ['ops@example.com'], workflowsUrl: '' },
      notice,
    );
    expect(letter).toMatchObject({
      to: ['ops@example.com'],
      letter: { paragraphs: expect.arrayContaining([expect.stringContaining('USD 100.00')]) },
    });
  });
});
