// What the contract suite must be able to do at every supplier.
import type { Money } from '../../domain/money.ts';
import type { Supplier, SupplierName, SupplyOrder } from '../../domain/supply.ts';
import { startKlookBench } from './klook-bench.ts';

/** How a product behaves once it is bought. */
export type Product = 'instant' | 'on request' | 'turned down' | 'sold out' | 'withdrawn' | 'not refundable';

export interface SupplierBench {
  readonly supplier: Supplier;
  reset(): Promise<void>;
  /** An order of this product that would go through, under a reference used nowhere else. */
  orderOf(product: Product): SupplyOrder;
  /** Where in the supplier's catalogue a product stands. */
  placeOf(product: Product): { activityId: string; packageId: string };
  /** The next such call takes effect and loses its answer. */
  loseAnswer(call: 'place' | 'pay'): Promise<void>;
  goDown(): Promise<void>;
  refuseOurKey(): Promise<void>;
  /** What a supplier may do with a reference it has seen: nobody knows which it is. */
  takeRepeats(how: 'as the same order' | 'with a refusal'): Promise<void>;
  takeRepayments(how: 'as the same payment' | 'with a refusal'): Promise<void>;
  offerLookUps(which: 'both' | 'direct only' | 'list only' | 'none'): Promise<void>;
  tellShortage(how: 'as an error' | 'in the answer'): Promise<void>;
  refuseCancellations(): Promise<void>;
  setBalance(amount: Money): Promise<void>;
  changePrice(order: SupplyOrder, to: Money): Promise<void>;
  sellOut(order: SupplyOrder): Promise<void>;
  /** Orders placed from now on must be paid within this time. */
  limitPayment(ms: number): Promise<void>;
  /** Orders placed from now on cannot be read for this long. */
  hideNewOrders(ms: number): Promise<void>;
  /** How often the supplier took money, and how many orders it holds. */
  counts(): { orders: number; debits: number };
  stop(): Promise<void>;
}

export const benches = { klook: startKlookBench } satisfies Record<SupplierName, () => Promise<SupplierBench>>;
