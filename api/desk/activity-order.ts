// An activity as it is asked for, in nobody's wire words.
import type { Money } from '../../domain/money.ts';
import type { Markup } from '../../domain/pricing.ts';
import type { ActivityProduct, Travellers } from '../../domain/product.ts';
import type { Principal } from '../auth.ts';
import { VisibleError } from '../errors.ts';

export interface ActivityLine {
  readonly skuId: string;
  readonly name: string;
  readonly count: number;
  /** Net per unit in the supplier's currency, as the client knows it. */
  readonly price: string;
}

export interface ActivityOrder extends Pick<
  ActivityProduct,
  'activityId' | 'activityName' | 'packageId' | 'packageName' | 'startTime' | 'timezone'
> {
  readonly orderNo: string | null;
  readonly agentOrderId: string | null;
  /** As the client names it; null: the supplier's applies. */
  readonly cancellationPolicy: string | null;
  readonly items: readonly ActivityLine[];
  readonly travellers: Travellers;
  /** Null: the supplier's. */
  readonly currency: string | null;
  /** Null: whatever the price comes to. */
  readonly amount: string | null;
  readonly markup: Markup;
}

export interface Buyer {
  readonly principal: Principal;
  /** Under which name this wire knows a field of the order. */
  readonly field: (name: string) => string;
}

/** What is bought, at the supplier's word. */
export interface Offer {
  readonly net: Money;
  readonly lines: readonly (ActivityLine & { readonly unitNet: Money })[];
  readonly orderNo: string | null;
  readonly ourRef: string | null;
  readonly payBy: Date | null;
}

export function refused({ field }: Buyer, name: string, message: string): VisibleError {
  return new VisibleError('unacceptable', 'The request cannot be accepted.', { fields: { [field(name)]: [message] } });
}
