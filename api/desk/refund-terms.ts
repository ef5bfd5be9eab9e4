// What a customer will get back who cancels: the supplier's own terms, or nothing where it does not tell them.
import { isTimeZone } from '../../domain/local-time.ts';
import { NON_REFUNDABLE } from '../../domain/refund-policy.ts';
import type { RefundPolicy } from '../../domain/refund-policy.ts';
import { speaksOf } from '../../domain/refund-terms.ts';
import { SupplierRejected, SupplierUnreachable } from '../../domain/supply.ts';
import type { SupplyTerms } from '../../domain/supply.ts';
import type { ActivityOrder } from './activity-order.ts';
import type { Desk } from './desk.ts';

export interface AgreedTerms {
  readonly refundPolicy: RefundPolicy;
  /** The supplier's clock, by which the service begins; the customer's where it names none. */
  readonly timezone: string;
}

type Wanted = Pick<ActivityOrder, 'activityId' | 'packageId' | 'timezone' | 'cancellationPolicy'>;
type Suppliers = Pick<Desk, 'suppliers'>;

export async function agreedTerms(desk: Suppliers, order: Wanted): Promise<AgreedTerms> {
  const told = await termsTold(desk, order);
  // By a clock of the customer's choosing every deadline could be put off, the start itself among them.
  if (!told?.timezone || !isTimeZone(told.timezone)) return { refundPolicy: NON_REFUNDABLE, timezone: order.timezone };
  const { policy, timezone } = told;
  const named = order.cancellationPolicy;
  return { refundPolicy: named === null || speaksOf(named, told) ? policy : NON_REFUNDABLE, timezone };
}

/** A catalogue that is missing, slow or broken costs the customer the terms, never the booking. */
async function termsTold(desk: Suppliers, { activityId, packageId }: Wanted): Promise<SupplyTerms | undefined> {
  try {
    const told = await desk.suppliers.klook.terms({ activityId, packageId });
    return 'kind' in told ? undefined : told;
  } catch (error) {
    if (error instanceof SupplierUnreachable || error instanceof SupplierRejected) return undefined;
    throw error;
  }
}
