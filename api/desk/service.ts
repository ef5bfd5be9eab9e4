// A service as a storefront wants to sell it: priced by the storefront, confirmed by being paid.
import type { StoredBooking } from '../../db/bookings.ts';
import type { Money } from '../../domain/money.ts';
import type { ServiceProduct, Travellers } from '../../domain/product.ts';
import type { Principal } from '../auth.ts';
import { canonicalJson, hashOf } from '../http/canonical.ts';
import type { Desk } from './desk.ts';
import type { Identity, JsonObject, OpenedBooking, Opening, OpenRequest, Prepared } from './open-request.ts';
import { openBooking } from './opening.ts';

export interface ServiceOrder {
  readonly product: Omit<ServiceProduct, 'kind'>;
  readonly charge: Money;
  /** Null: the booking's number. */
  readonly externalId: string | null;
  readonly serviceAt: Date | null;
  /** Null where another house keeps them. */
  readonly travellers: Travellers | null;
  /** When it can be paid no more; absent: the storefront's window from now. */
  readonly payUntil?: Date;
}

export interface ServiceBooking extends Pick<OpenRequest, 'storefront' | 'ownerSub' | 'heldKey'> {
  /** What was asked, as it was understood: the same again is the same booking. */
  readonly asked: unknown;
  readonly identity: Identity;
  /** Read-only; throws what is wrong with the request. */
  readonly order: () => Promise<ServiceOrder>;
  readonly render: (opened: OpenedBooking) => JsonObject;
  readonly renderUnpaid?: (stored: StoredBooking) => JsonObject;
}

export const bookService = (desk: Desk, { asked, order, ...request }: ServiceBooking): Promise<Opening> =>
  openBooking(desk, {
    ...request,
    wire: request.storefront,
    bodyHash: hashOf(canonicalJson(asked)),
    prepare: async () => preparedOf(desk, request.storefront, await order()),
  });

/** The token says who it is; without an address there is nobody to write to. */
export function contactOf({ email, name = '' }: Principal): Travellers | null {
  if (email === undefined) return null;
  const contact = { firstName: name, familyName: '', email, mobile: '', country: '' };
  return { contact, passengers: [], bookingExtra: [], unitExtra: [] };
}

function preparedOf(desk: Desk, storefront: OpenRequest['storefront'], order: ServiceOrder): Prepared {
  const { product, charge, serviceAt, travellers, externalId, payUntil } = order;
  return {
    booking: {
      kind: 'service',
      mailHash: travellers && desk.keyring.blindIndex(travellers.contact.email),
      chargeMinor: charge.minor,
      currency: charge.currency,
      serviceAt,
      serviceLocal: product.when?.local ?? null,
      serviceZone: product.when?.zone ?? null,
      expiresAt: payUntil ?? new Date(desk.clock().getTime() + desk.config.paymentWindowMs[storefront]),
    },
    product: () => ({ kind: 'service', ...product }),
    externalId,
    travellers,
    supplierOrderNo: null,
  };
}
