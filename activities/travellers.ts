// Who travels: personal data, unsealed only where it is needed.
import { sealedTravellers } from '../db/supplier-calls.ts';
import type { Travellers } from '../domain/product.ts';
import type { Deps } from './deps.ts';

export async function travellersOf(deps: Deps, bookingId: string): Promise<Travellers> {
  const sealed = await sealedTravellers(deps.db, bookingId);
  if (!sealed) throw new Error(`the travellers of ${bookingId} were erased`);
  const plain = await deps.keyring.unseal(bookingId, sealed, 'travellers');
  // Written by the intake from its own parsed request, and authenticated by the seal.
  return JSON.parse(plain.toString()) as Travellers;
}
