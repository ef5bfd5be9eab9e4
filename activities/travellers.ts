// Who travels: personal data, unsealed only where it is needed.
import { ApplicationFailure } from '@temporalio/common';
import { readTravellers } from '../db/travellers.ts';
import type { Travellers } from '../domain/product.ts';
import type { Deps } from './deps.ts';

export async function travellersOf(deps: Deps, bookingId: string): Promise<Travellers> {
  const travellers = await readTravellers(deps.db, deps.keyring, bookingId);
  if (travellers) return travellers;
  // No retry brings them back: staff are called at once.
  throw ApplicationFailure.nonRetryable('nobody knows any more who travels', 'TravellersGone');
}
