// What was sold, as far as it is nobody's secret; and who travels, which is.
import type { Money } from './money.ts';
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
  /** The supplier's price for the whole order that the customer's was made from. */
  readonly acceptedNet: Money;
  readonly priceTolerancePercent: string;
  /** The only source of what any paper, letter or quote says about cancelling. */
  readonly refundPolicy: RefundPolicy;
}

export type Product = ActivityProduct;

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
}
