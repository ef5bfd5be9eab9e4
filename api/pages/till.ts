// What the checkout page needs of whoever takes the money.
import type { z } from 'zod';
import type { Customer } from '../storefronts/cart/customer.ts';

export interface MethodChoice {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly group: string;
}

export interface CheckoutOrder {
  readonly cartId: string;
  readonly customer: z.output<typeof Customer>;
  /** Absent: the customer chooses on the gateway's page among all of them. */
  readonly paymentMethods?: readonly string[];
}

export interface Till {
  /** Empty where the catalogue cannot be had: then the gateway's page asks. */
  methods(): Promise<readonly MethodChoice[]>;
  /** Throws a `VisibleError` with what the customer may be told. */
  checkOut(order: CheckoutOrder): Promise<{ readonly checkoutUrl: string }>;
}
