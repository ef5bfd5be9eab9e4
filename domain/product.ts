// What was sold, as far as it is nobody's secret; and who travels, which is.
import type { LocalMoment } from './display.ts';
import { equals, times } from './money.ts';
import type { Money } from './money.ts';
import type { CartOrder } from './order.ts';
import type { GatewayName } from './payment.ts';
import type { RefundPolicy } from './refund-policy.ts';
import type { ExtraInfo, SupplyContact, SupplyItem } from './supply.ts';

export interface ActivityProduct {
  readonly kind: 'activity';
  readonly activityId: string;
  readonly activityName: string;
  readonly packageId: string;
  readonly packageName: string;
  /** Local to the activity: YYYY-MM-DD HH:MM:SS, with its zone. */
  readonly startTime: string;
  readonly timezone: string;
  readonly items: readonly (SupplyItem & { readonly name: string })[];
  readonly markup: { readonly type: 'percent' | 'fixed'; readonly value: string };
  /** Ours at the supplier; later tries add -r1, -r2. */
  readonly agentOrderId: string;
  /** A supplier order the customer's frontend made before it came to us. */
  readonly adoptedOrderNo: string | null;
  readonly orderWhen: 'after_payment' | 'before_payment';
  /** Taken at once, or held until the supplier has confirmed. */
  readonly captureWhen: 'at_once' | 'after_supplier';
  /** The supplier's price for the whole order that the customer's was made from. */
  readonly acceptedNet: Money;
  readonly priceTolerancePercent: string;
  /** The only source of what any paper, letter or quote says about cancelling. */
  readonly refundPolicy: RefundPolicy;
}

/** A service that is confirmed as soon as it is paid: nobody else need be asked. */
export interface ServiceProduct {
  readonly kind: 'service';
  readonly name: string;
  readonly option: string | null;
  readonly when: LocalMoment | null;
  readonly items: readonly { readonly name: string; readonly count: number; readonly unit: Money }[];
  /** What was booked, point by point, as whoever booked it would say it; without it name and moment must do. */
  readonly details?: readonly Detail[];
  readonly refundPolicy: RefundPolicy;
  readonly gateway: GatewayName;
  readonly payWhen: 'at_once' | 'later';
  /** Absent where the gateway is asked for the price in its own currency or not at all. */
  readonly otherCurrency?: OtherCurrency;
  /** The storefront's own words for it, given back and passed on as they came. */
  readonly refs: Readonly<Record<string, string>>;
  /** Where the service is goods out of a cart: what is ordered once it is paid. */
  readonly order?: CartOrder;
}

export interface Detail {
  readonly label: string;
  readonly value: string;
}

/** What is charged where a gateway does not take the currency of the price: at a rate that was frozen with it. */
export interface OtherCurrency {
  readonly price: Money;
  readonly charge: Money;
  /** Units of the charge's currency per unit of the price's, where it comes from, and when it was read. */
  readonly rate: string;
  readonly source: string;
  readonly at: string;
}

export type Product = ActivityProduct | ServiceProduct;
export type ProductKind = Product['kind'];

export interface SoldLine {
  readonly name: string;
  readonly count: number;
  /** What the line weighs in the whole price. */
  readonly weight: number;
}

/** What papers, letters and answers say of any product. */
export interface Sold {
  readonly name: string;
  readonly option: string | null;
  readonly when: LocalMoment | null;
  readonly lines: readonly SoldLine[];
  /** Empty where name and moment say it all. */
  readonly details: readonly Detail[];
}

export function soldOf(product: Product): Sold {
  switch (product.kind) {
    case 'activity':
      return {
        name: product.activityName,
        option: product.packageName,
        when: { local: product.startTime, zone: product.timezone },
        lines: product.items.map(({ name, count, unitNet }) => ({ name, count, weight: times(unitNet, count).minor })),
        details: [],
      };
    case 'service':
      return {
        name: product.name,
        option: product.option,
        when: product.when,
        lines: product.items.map(({ name, count, unit }) => ({ name, count, weight: times(unit, count).minor })),
        details: product.details ?? [],
      };
  }
}

/** The booking is made first, and the customer asks to pay in a request of its own. */
export const paysLater = (product: Product): boolean => product.kind === 'service' && product.payWhen === 'later';

export const otherCurrencyOf = (product: Product): OtherCurrency | undefined =>
  product.kind === 'service' ? product.otherCurrency : undefined;

/** The goods that are ordered by paying, where there are any. */
export const orderIn = (product: Product): CartOrder | undefined =>
  product.kind === 'service' ? product.order : undefined;

/** In the currency it was priced in, whichever it is charged in. */
export function priceOf(product: Product, charge: Money): Money {
  const other = otherCurrencyOf(product);
  return other && equals(other.charge, charge) ? other.price : charge;
}

/** For what only an activity has; whoever asks it of another product took a wrong turn. */
export function activityIn(product: Product): ActivityProduct {
  if (product.kind !== 'activity') throw new Error(`a ${product.kind} has no supplier`);
  return product;
}

export interface Passenger {
  readonly firstName: string;
  readonly familyName: string;
  readonly type: string | null;
  readonly otherInfo: readonly ExtraInfo[];
}

/** Personal data: sealed with the booking's key wherever it is kept. */
export interface Travellers {
  readonly contact: SupplyContact;
  readonly passengers: readonly Passenger[];
  readonly bookingExtra: readonly ExtraInfo[];
  readonly unitExtra: readonly (readonly ExtraInfo[])[];
  /** Where goods go. */
  readonly address?: Address;
}

export interface Address {
  readonly street: string;
  readonly city: string;
  readonly zip: string;
  readonly state: string | null;
  /** ISO 3166, two letters. */
  readonly country: string;
}
