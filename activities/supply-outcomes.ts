// How buying can end, in the words the workflow branches on.
import type { Digest } from '../domain/digest.ts';

export interface SupplyInput {
  readonly bookingId: string;
  readonly generation: number;
}

export type PlaceOutcome =
  | { kind: 'placed'; payBy: string | null; now: Digest }
  /** An order of this generation ended unpaid: the next one may be tried. */
  | { kind: 'expired'; now: Digest }
  | { kind: 'refused'; reason: SupplyRefusalReason; message: string; now: Digest };
export type SupplyRefusalReason = 'sold_out' | 'not_available' | 'price_changed' | 'invalid' | 'not_adoptable';

export type PayOutcome =
  | { kind: 'paid'; now: Digest }
  | { kind: 'insufficient_balance'; payBy: string | null; now: Digest }
  | { kind: 'expired'; now: Digest }
  | { kind: 'refused'; reason: SupplyRefusalReason; message: string; now: Digest };
