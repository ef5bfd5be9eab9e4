// Verbs about buying from the supplier. Every call that moves something leaves a trace first and is repeated only on proof.
import type { Deps } from './deps.ts';
import { placeOrder } from './supplier-order.ts';
import { payOrder } from './supplier-payment.ts';
import type { PayOutcome, PlaceOutcome, SupplyInput } from './supply-outcomes.ts';

export const supplyActivities = (deps: Deps) => ({
  placeOrder: (order: SupplyInput): Promise<PlaceOutcome> => placeOrder(deps, order),
  payOrder: (order: SupplyInput): Promise<PayOutcome> => payOrder(deps, order),
});
