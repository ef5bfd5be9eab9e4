// Who travels: sealed with the booking's key, gone once the person was erased.
import { eq } from 'drizzle-orm';
import type { Travellers } from '../domain/product.ts';
import type { Queryable } from './client.ts';
import { KeyDestroyed } from './keyring.ts';
import type { Keyring } from './keyring.ts';
import { travellers } from './schema.ts';

export async function readTravellers(
  on: Queryable,
  keyring: Keyring,
  bookingId: string,
): Promise<Travellers | undefined> {
  const [row] = await on
    .select({ sealed: travellers.sealed })
    .from(travellers)
    .where(eq(travellers.bookingId, bookingId));
  if (!row) return undefined;
  try {
    return parsed(await keyring.unseal(bookingId, row.sealed, 'travellers'));
  } catch (error) {
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}

/** Written by the intake from a parsed request, and authenticated by the seal. */
const parsed = (plain: Buffer): Travellers => JSON.parse(plain.toString()) as Travellers;
