// What a supplier is to us: somebody we buy from with a prepaid balance.
import type { Money } from './money.ts';
import type { RefundPolicy } from './refund-policy.ts';
import { Rejected, Unreachable } from './unanswered.ts';

export const SUPPLIERS = ['klook'] as const;
export type SupplierName = (typeof SUPPLIERS)[number];

export interface SupplyItem {
  readonly skuId: string;
  readonly count: number;
  /** Net price per unit that the customer's request was priced with. */
  readonly unitNet: Money;
}

export interface ExtraInfo {
  readonly key: string;
  readonly content: string;
  readonly selected: readonly { readonly key: string }[] | null;
  readonly inputType: string;
}

export interface SupplyRequest {
  readonly packageId: string;
  /** Local to the package: YYYY-MM-DD HH:MM:SS. */
  readonly startTime: string;
  readonly items: readonly SupplyItem[];
}

export interface SupplyContact {
  readonly firstName: string;
  readonly familyName: string;
  readonly email: string;
  readonly mobile: string;
  readonly country: string;
}

export interface SupplyOrder extends SupplyRequest {
  /** Unique at the supplier for ever; every look-up after a lost answer goes by it. */
  readonly ourRef: string;
  readonly contact: SupplyContact;
  readonly bookingExtra: readonly ExtraInfo[];
  readonly unitExtra: readonly (readonly ExtraInfo[])[];
}

/** On what terms a customer may leave, as the supplier publishes them. */
export interface SupplyTerms {
  readonly policy: RefundPolicy;
  /** Its own words for them: a client that repeats these speaks of the same terms. */
  readonly words: readonly string[];
  /** The clock by which the service begins; null when it is not told. */
  readonly timezone: string | null;
}

export type Availability =
  | {
      kind: 'available';
      net: Money;
      items: readonly { skuId: string; unitNet: Money; available: boolean; inventory: number | null }[];
    }
  | { kind: 'sold_out'; message: string }
  | { kind: 'not_available'; message: string }
  | { kind: 'unknown_sku'; message: string }
  | { kind: 'invalid'; message: string };

export type SupplyRefusal =
  | { kind: 'sold_out'; message: string }
  | { kind: 'not_available'; message: string }
  | { kind: 'invalid'; message: string }
  /** newNet is the whole order at the new prices, when the supplier told them. */
  | {
      kind: 'price_changed';
      newNet: Money | null;
      newUnitNets: readonly { skuId: string; unitNet: Money }[];
      message: string;
    };

export type Placed =
  | { kind: 'placed'; orderNo: string; net: Money; payBy: string | null }
  | { kind: 'duplicate_other_body'; message: string }
  | SupplyRefusal;

export type SupplyPaid =
  | { kind: 'paid' }
  | { kind: 'insufficient_balance'; message: string }
  | { kind: 'expired'; message: string }
  | SupplyRefusal;

export type SupplyStatus = 'unpaid' | 'pending' | 'confirmed' | 'rejected' | 'expired' | 'canceled' | 'unknown';

export interface SupplyVoucher {
  readonly code: string;
  readonly description: string;
  /** The supplier's reference of the booking line the code belongs to. */
  readonly bookingRef: string;
  readonly url: string | null;
}

export interface SupplyFact {
  readonly orderNo: string;
  readonly ourRef: string;
  readonly status: SupplyStatus;
  readonly wireStatus: string;
  /** Our money is with them. */
  readonly paid: boolean;
  /** It was with them, and came back. */
  readonly refunded: boolean;
  readonly net: Money;
  readonly payBy: string | null;
  readonly packageId: string | null;
  readonly startTime: string | null;
  readonly items: readonly { skuId: string; count: number }[];
  readonly lines: readonly SupplyLine[];
  readonly vouchersReady: boolean;
  readonly vouchers: readonly SupplyVoucher[];
  readonly cancellation: CancelFact | null;
}

export interface SupplyLine {
  readonly activityName: string;
  readonly packageName: string;
  readonly bookingRef: string;
  readonly operatorContacts: readonly string[];
}

export type CancelFact =
  | { kind: 'processing' }
  | { kind: 'approved'; returned: Money; penalty: Money }
  | { kind: 'refused'; message: string }
  | { kind: 'none' };

export interface Supplier {
  readonly name: SupplierName;
  check(request: SupplyRequest): Promise<Availability>;
  /** Absent: the supplier publishes none, or not for this package. */
  terms(of: { activityId: string; packageId: string }): Promise<SupplyTerms | { kind: 'absent' }>;
  /** One try, no look-up: the caller looks before it repeats. */
  place(order: SupplyOrder): Promise<Placed>;
  /** One try, no look-up: the caller looks before it repeats. */
  pay(orderNo: string): Promise<SupplyPaid>;
  look(orderNo: string): Promise<SupplyFact | { kind: 'absent' }>;
  /** By our own reference, through every way the supplier offers; absent = all of them came back empty. */
  find(ourRef: string, placedAfter: Date): Promise<SupplyFact | { kind: 'absent' }>;
  /** What was ordered since then, page by page from 1; absent where the supplier keeps no list. */
  list?(since: Date, page: number): Promise<OrdersListed | { kind: 'absent' }>;
  cancel(orderNo: string): Promise<CancelFact>;
  lookCancel(orderNo: string): Promise<CancelFact>;
  balance(): Promise<Money>;
}

export interface OrdersListed {
  readonly orders: readonly SupplyFact[];
  /** By which all entries of the page are told apart, also those of others that cannot be read. */
  readonly entries: readonly string[];
  /** How many entries there are on all pages, where it says so. */
  readonly total: number | null;
}

export class SupplierUnreachable extends Unreachable {
  override readonly name = 'SupplierUnreachable';
}

export class SupplierRejected extends Rejected {
  override readonly name = 'SupplierRejected';
}
