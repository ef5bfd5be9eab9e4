// Who travels: personal data, unsealed only where it is needed.
import { readTravellers } from '../db/travellers.ts';
import type { Travellers } from '../domain/product.ts';
import type { Deps } from './deps.ts';

export async function travellersOf(deps: Deps, bookingId: string): Promise<Travellers> {
  const travellers = await readTravellers(deps.db, deps.keyring, bookingId);
  if (!travellers) throw new Error(`the travellers of ${bookingId} were erased`);
  return travellers;
}
