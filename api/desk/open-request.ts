// A wish to book, whatever was wished for, and what may come of it.
import type { Intake } from '../../db/intake.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import type { PaymentAccess } from '../../db/payment-secrets.ts';
import type { Payment, Storefront } from '../../domain/booking.ts';
import type { HeldKey } from '../idempotency.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface OpenRequest {
  /** Whose answers these are: the same booking reads differently on another wire. */
  readonly wire: string;
  readonly storefront: Storefront;
  readonly ownerSub: string;
  /** Of the request as it was understood, so that neither order nor unknown fields matter. */
  readonly bodyHash: string;
  readonly identity: Identity;
  readonly heldKey: HeldKey | undefined;
  /** Everything that must be asked and checked before anything is written; throws what is wrong. */
  prepare(): Promise<Prepared>;
  render(opened: OpenedBooking): JsonObject;
  /** Where the payment is asked for in a request of its own. */
  renderUnpaid?(stored: StoredBooking): JsonObject;
}

export type Identity =
  | { kind: 'external'; id: string }
  | { kind: 'supplier_order'; orderNo: string }
  /** The request itself, for as long as its booking can be paid. */
  | { kind: 'body' };

export type NewBooking = Omit<
  Intake['booking'],
  'id' | 'number' | 'storefront' | 'externalId' | 'ownerSub' | 'bodyHash' | 'product'
>;

export interface Prepared {
  readonly booking: NewBooking;
  readonly product: (number: string) => Intake['booking']['product'];
  /** Null: ours is the booking's number. */
  readonly externalId: string | null;
  readonly travellers: Intake['travellers'];
  /** A supplier's order that no other booking may hold. */
  readonly supplierOrderNo: string | null;
}

export interface OpenedBooking extends PaymentAccess {
  readonly stored: StoredBooking;
  readonly payment: Payment;
}

export type Opening = { kind: 'opened'; body: JsonObject } | { kind: 'slow'; stored: StoredBooking };
