// What Temporal is told of our facts, so that a database that was lost can be rebuilt: who asked for what stays out of it.
import type { Storefront } from './booking.ts';
import type { BookingEvent } from './events.ts';
import { keyOf } from './events.ts';
import type { Product } from './product.ts';

/** A booking's row before its first fact; what time it was stands as text. */
export interface KeptRow {
  readonly id: string;
  readonly number: string;
  readonly storefront: Storefront;
  readonly externalId: string;
  readonly bodyHash: string;
  readonly kind: string;
  readonly ownerSub: string;
  readonly mailHash: string | null;
  readonly chargeMinor: number;
  readonly currency: string;
  readonly netMinor: number | null;
  readonly netCurrency: string | null;
  readonly fxRate: string | null;
  readonly fxSource: string | null;
  readonly fxAt: string | null;
  readonly serviceAt: string | null;
  readonly serviceLocal: string | null;
  readonly serviceZone: string | null;
  readonly expiresAt: string;
  readonly attempt: number;
  readonly product: Product;
  readonly createdAt: string;
}

export interface KeptFact {
  readonly seq: number;
  /** When it was recorded. */
  readonly at: string;
  readonly event: BookingEvent;
}

/** The booking as it was taken in, less its travellers: what no gateway and no supplier could tell. */
export interface KeptIntake {
  readonly row: KeptRow;
  /** Somebody travels, or pays: who it is stays in our database. */
  readonly isNamed: boolean;
  /** What only one booking may stand for. */
  readonly claims: readonly { readonly scope: string; readonly bodyHash: string }[];
}

export interface Recall {
  readonly bookingId: string;
  readonly facts: readonly KeptFact[];
  /** While there is no fact yet, and with the first. */
  readonly intake?: KeptIntake;
}

/**
 * All that several tellings say, each fact once, in the order in which they were recorded. Known by their names: where a
 * database went on by itself after a loss, a number was given twice.
 */
export function joined(recalls: readonly Recall[]): Pick<Recall, 'facts' | 'intake'> {
  const byName = new Map(recalls.flatMap(({ facts }) => facts).map((fact) => [keyOf(fact.event), fact]));
  const facts = [...byName.values()].toSorted((a, b) => a.seq - b.seq || a.at.localeCompare(b.at));
  const intake = recalls.findLast((recall) => recall.intake)?.intake;
  return { facts, ...(intake && { intake }) };
}
