/** @jsxImportSource hono/jsx */
// The shop's own pages: cart and checkout.
import { browsersCart, cartById, createDesk, createRouter, paymentMethodsOf } from '../bookings.ts';
import type { AppDeps, CheckoutSeen, Desk, RequestContext, Router } from '../bookings.ts';
import { addCartPage } from './cart.tsx';
import { countOf } from './cart-page.tsx';
import { payFor } from '../storefronts/cart/paying.ts';
import { addReturns, wantsPage } from '../storefronts/cart/returning.ts';
import { addCheckoutPage } from './checkout.tsx';
import { sendPage, ShopPage } from './layout.tsx';
import { ReturnedPage } from './returned-page.tsx';
import { pageErrorOf } from './shop-door.ts';
import type { Till } from './till.ts';

export interface ShopPagesOptions {
  readonly desk?: Desk;
  readonly till?: Till;
}

export function shopPages(deps: AppDeps, options: ShopPagesOptions = {}): Router {
  const { desk = createDesk(deps) } = options;
  const { till = tillOf(desk) } = options;
  const router = createRouter();
  addCartPage(router, desk);
  addCheckoutPage(router, { desk, till });
  addReturns(router, desk, (c, seen) => showReturned(c, desk, seen));
  router.onError((thrown, c) => {
    // For programs the storefront has words of its own.
    if (!wantsPage(c)) throw thrown;
    const { status, title, message, retryAfterS } = pageErrorOf(thrown);
    if (retryAfterS !== undefined) c.header('Retry-After', String(retryAfterS));
    const { brand } = deps.config;
    return sendPage(c, <ErrorPage brand={brand} title={title} message={message} />, status);
  });
  return router;
}

const tillOf = (desk: Desk): Till => ({
  methods: async () => (await paymentMethodsOf(desk)).methods,
  checkOut: async ({ cartId, customer, paymentMethods }) => {
    const ownerSub = (await cartById(desk, cartId))?.ownerSub ?? null;
    const cart = { id: cartId, ownerSub };
    const { intent } = await payFor(desk, { cart, payer: undefined, customer, paymentMethods });
    return { checkoutUrl: intent.checkout_url };
  },
});

const SOONEST_S = 3;

/** Looks again by itself while the bank is awaited, in any browser and without a script. */
async function showReturned(c: RequestContext, desk: Desk, seen: CheckoutSeen) {
  if (seen.isPending) c.header('Refresh', String(Math.max(SOONEST_S, seen.holdsMs / 1_000)));
  const cart = await browsersCart(c, desk);
  return sendPage(c, <ReturnedPage brand={desk.config.brand} seen={seen} cartCount={cart ? countOf(cart) : 0} />);
}

const ErrorPage = ({ brand, title, message }: { brand: string; title: string; message: string }) => (
  <ShopPage title={title} brand={brand}>
    <h1>{title}</h1>
    <section class="note problem">
      <p>{message}</p>
    </section>
    <p>
      <a href="/cart">To the cart</a>
    </p>
  </ShopPage>
);
