// What is sold, a new cart, and a cart as it is.
import { createRoute } from '@hono/zod-openapi';
import { heldCart, json, openCart, productsOf, refusals, shopper } from '../../bookings.ts';
import type { Desk, Router } from '../../bookings.ts';
import { cartArea } from './area.ts';
import { etagOf } from './outcomes.ts';
import { cartShown } from './showing.ts';
import { CartId, CartWire, cartWire, Holding, HoldingQuery, Products, productWire } from './wire.ts';

const TAGS = ['cart'];

export function addCarts(router: Router, desk: Desk): void {
  router.openapi(products, async (c) => {
    const all = await productsOf(desk);
    return c.json({ products: all.map(productWire) }, 200);
  });
  addOpen(router, desk);
  addRead(router, desk);
}

const products = createRoute({
  method: 'get',
  path: '/products',
  tags: TAGS,
  summary: 'What the shop sells',
  responses: { 200: json('The products', Products) },
});

function addOpen(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/carts',
    tags: TAGS,
    summary: 'Open a cart',
    description:
      'Whoever knows the id holds the cart. Opened with a token it is that customer’s: others then have to show that they hold it, ' +
      'by `X-Cart-Id` or `?cart_id=`. Shipping, tax and packing are on it from the start and cost nothing while it is empty.',
    middleware: [desk.auth.optional, desk.limitCreates, desk.idempotent] as const,
    responses: {
      201: json('The cart, empty', CartWire),
      ...refusals(cartArea, 'unauthenticated', 'forbidden', 'key_reused', 'rate_limited'),
    },
  });
  router.openapi(route, async (c) => {
    const principal = shopper(c);
    const cart = await openCart(desk, principal?.role === 'customer' ? principal.sub : null);
    return c.json(cartWire(cart), 201, { ETag: etagOf(cart), Location: `/carts/${cart.id}` });
  });
}

function addRead(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/carts/{id}',
    tags: TAGS,
    summary: 'A cart',
    description:
      'For who holds it, its owner and the back office; for everybody else there is none. Whoever names it in the path alone sees of ' +
      'the customer who asked for its payment an outline.',
    middleware: [desk.auth.optional] as const,
    request: { params: CartId, headers: Holding, query: HoldingQuery },
    responses: {
      200: json('The cart; its version is the `ETag`', CartWire),
      ...refusals(cartArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const { cart, hold } = await heldCart(c, desk, c.req.valid('param').id);
    const detail = hold === 'reference' ? 'in_outline' : 'in_full';
    return c.json(await cartShown(desk, cart, detail), 200, { ETag: etagOf(cart) });
  });
}
