// The shop: products, carts and what becomes of them. REST in place of the seed's Livewire components.
import { createDesk, createRouter } from '../bookings.ts';
import type { AppDeps, Desk, Router } from '../bookings.ts';
import { addCarts } from './cart/carts.ts';
import { addChanges } from './cart/changing.ts';
import { addCheckout } from './cart/checkout.ts';
import { addDevWebhooks } from './cart/dev-webhooks.ts';
import { addOrders } from './cart/orders.ts';
import { addChipWebhooks } from './cart/webhooks.ts';

export function cart(deps: AppDeps, desk: Desk = createDesk(deps)): Router {
  const router = createRouter();
  addCarts(router, desk);
  addChanges(router, desk);
  addCheckout(router, desk);
  addOrders(router, desk);
  addChipWebhooks(router, desk);
  addDevWebhooks(router, desk);
  return router;
}
