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
  /** The supplier's clock, by which the service begins. */
  readonly timezone: string;
}

export async function agreedTerms(desk: Desk, order: ActivityOrder): Promise<AgreedTerms> {
  const told = await termsTold(desk, order);
  const timezone = told?.timezone && isTimeZone(told.timezone) ? told.timezone : order.timezone;
  const named = order.cancellationPolicy;
  const isTheirs = told !== undefined && (named === null || speaksOf(named, told));
  return { refundPolicy: isTheirs ? told.policy : NON_REFUNDABLE, timezone };
}

/** A catalogue that is missing, slow or broken costs the customer the terms, never the booking. */
async function termsTold(desk: Desk, { activityId, packageId }: ActivityOrder): Promise<SupplyTerms | undefined> {
  try {
    const told = await desk.suppliers.klook.terms({ activityId, packageId });
    return 'kind' in told ? undefined : told;
  } catch (error) {
    if (error instanceof SupplierUnreachable || error instanceof SupplierRejected) return undefined;
    throw error;
  }
}
