import { openDatabase } from '../../db/client.ts';
import type { OpenDatabase } from '../../db/client.ts';
import { SYSTEM_KEY, createKeyring } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { bookings, payments } from '../../db/schema.ts';
import { createTestDatabase } from '../setup/database.ts';

export interface DatabaseUnderTest extends OpenDatabase {
  readonly url: string;
  readonly keyring: Keyring;
  /** One that remembers no key yet, as in another process. */
  newKeyring(): Keyring;
}

export async function openTestDatabase(): Promise<DatabaseUnderTest> {
  const { url } = await createTestDatabase();
  const open = openDatabase({ url, poolSize: 10, applicationName: 'test', onIdleError: () => undefined });
  const newKeyring = () => createKeyring(open.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }]);
  // As where something was sealed before: the first thing that is makes the key, and a count of what is stored would show it.
  await newKeyring().seal(SYSTEM_KEY, new Uint8Array(), 'the first');
  return { ...open, url, keyring: newKeyring(), newKeyring };
}

type BookingRow = typeof bookings.$inferInsert;

/** A booking as the intake leaves it, with one payment at the gateway. */
export async function insertBooking(
  { db, keyring }: DatabaseUnderTest,
  id: string,
  change: Partial<BookingRow> & { paymentRef?: string; feeMinor?: number } = {},
) {
  const { paymentRef, feeMinor, ...row } = change;
  await db.insert(bookings).values({
    id,
    number: `HF-${id}`,
    storefront: 'trektoo',
    externalId: id,
    bodyHash: 'hash',
    kind: 'activity',
    ownerSub: 'alice',
    chargeMinor: 1_000,
    currency: 'USD',
    expiresAt: new Date(Date.now() + 1_800_000),
    product: TEST_PRODUCT,
    ...row,
  });
  await keyring.create(db, id);
  if (paymentRef === undefined) return;
  await db.insert(payments).values({
    id: `pay_${id}`,
    bookingId: id,
    attempt: 1,
    gateway: 'stripe_intent',
    ref: paymentRef,
    amountMinor: 1_000,
    currency: 'USD',
    status: 'requires_payment_method',
    wireStatus: 'requires_payment_method',
    feeMinor: feeMinor ?? null,
  });
}

/** Nothing here reads the product; the column only wants one. */
const TEST_PRODUCT = {} as BookingRow['product'];
