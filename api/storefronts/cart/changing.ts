// Every change to a cart: made to the version that the asker has seen, answered with the next one.
import { createRoute } from '@hono/zod-openapi';
import {
  answerIsNotFinal,
  changeQuantity,
  heldCart,
  json,
  jsonBody,
  putInCart,
  refusals,
  takeOffCondition,
  useCode,
} from '../../bookings.ts';
import type { CartAt, CartOutcome, Desk, RequestContext, Router } from '../../bookings.ts';
import { cartArea } from './area.ts';
import { cartAtOf, etagOf, refusalOf, staleCart } from './outcomes.ts';
import { cartShown } from './showing.ts';
import {
  CartId,
  CartItemId,
  CartWire,
  Changing,
  ConditionName,
  HoldingQuery,
  ItemChange,
  NewCondition,
  NewItem,
  StaleCart,
} from './wire.ts';

const TAGS = ['cart'];

export function addChanges(router: Router, desk: Desk): void {
  addNewItem(router, desk);
  addItemChange(router, desk);
  addItemRemoval(router, desk);
  addNewCondition(router, desk);
  addConditionRemoval(router, desk);
}

interface Changed {
  readonly body: CartWire;
  readonly headers: { readonly ETag: string };
}

async function change(c: RequestContext, desk: Desk, apply: (at: CartAt) => Promise<CartOutcome>): Promise<Changed> {
  const { cart } = await heldCart(c, desk, c.req.param('id') ?? '');
  const outcome = await apply(cartAtOf(cart, c.req.header('If-Match')));
  if (outcome.kind === 'refused') throw refusalOf(outcome.reason);
  // In outline for everybody: the answer is kept for who sends the same again, longer than the person may be.
  const body = await cartShown(desk, outcome.cart, 'in_outline');
  if (outcome.kind === 'changed') return { body, headers: { ETag: etagOf(body) } };
  // It had no effect, and with the cart of now the same request may have one.
  answerIsNotFinal(c);
  throw staleCart(body);
}

const headed = { headers: Changing, query: HoldingQuery };

const refusalsOfChanges = {
  ...refusals(cartArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'precondition_required'),
  409: json('Somebody was first, and `cart` is what it is now; or not possible in the present state', StaleCart),
};
const refusalsOfAdditions = { ...refusalsOfChanges, ...refusals(cartArea, 'rate_limited') };

/** With whole pieces of the catalogue, so that it works as it stands. */
const ITEM_EXAMPLE = { product_id: 'batik-tote', quantity: 1 };
const CODES =
  'Codes to try: `WELCOME10` (10 % off), `RM15OFF` (RM 15.00 off) and `MERDEKA24`, which is over. Each counts once, in any case, and ' +
  'several together: percentages first. A code taken while it ran stays with the cart.';

function addNewItem(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/carts/{id}/items',
    tags: TAGS,
    summary: 'Put a product in',
    description: 'More of a product that is in already raises its quantity. The price is the catalogue’s of today.',
    middleware: [desk.auth.optional, desk.limitCreates, desk.idempotent] as const,
    request: { params: CartId, ...headed, body: jsonBody(NewItem, ITEM_EXAMPLE) },
    responses: { 201: json('The cart with it', CartWire), ...refusalsOfAdditions },
  });
  router.openapi(route, async (c) => {
    const { product_id: productId, quantity } = c.req.valid('json');
    const { body, headers } = await change(c, desk, (at) => putInCart(desk, at, { productId, quantity }));
    return c.json(body, 201, headers);
  });
}

function addItemChange(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'patch',
    path: '/carts/{id}/items/{itemId}',
    tags: TAGS,
    summary: 'Change how many',
    middleware: [desk.auth.optional, desk.idempotent] as const,
    request: { params: CartItemId, ...headed, body: jsonBody(ItemChange, { quantity: 2 }) },
    responses: { 200: json('The cart with as many', CartWire), ...refusalsOfChanges },
  });
  router.openapi(route, async (c) => {
    const { itemId } = c.req.valid('param');
    const { quantity } = c.req.valid('json');
    const { body, headers } = await change(c, desk, (at) => changeQuantity(desk, at, { itemId, quantity }));
    return c.json(body, 200, headers);
  });
}

function addItemRemoval(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'delete',
    path: '/carts/{id}/items/{itemId}',
    tags: TAGS,
    summary: 'Take a product out',
    middleware: [desk.auth.optional, desk.idempotent] as const,
    request: { params: CartItemId, ...headed },
    responses: { 200: json('The cart without it', CartWire), ...refusalsOfChanges },
  });
  router.openapi(route, async (c) => {
    const { itemId } = c.req.valid('param');
    const { body, headers } = await change(c, desk, (at) => changeQuantity(desk, at, { itemId, quantity: 0 }));
    return c.json(body, 200, headers);
  });
}

function addNewCondition(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/carts/{id}/conditions',
    tags: TAGS,
    summary: 'Use a voucher code',
    description: CODES,
    middleware: [desk.auth.optional, desk.limitCreates, desk.idempotent] as const,
    request: { params: CartId, ...headed, body: jsonBody(NewCondition, { code: 'WELCOME10' }) },
    responses: { 201: json('The cart with it', CartWire), ...refusalsOfAdditions },
  });
  router.openapi(route, async (c) => {
    const { code } = c.req.valid('json');
    const { body, headers } = await change(c, desk, (at) => useCode(desk, at, code));
    return c.json(body, 201, headers);
  });
}

function addConditionRemoval(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'delete',
    path: '/carts/{id}/conditions/{name}',
    tags: TAGS,
    summary: 'Take a voucher off',
    description: 'By its code. Shipping, tax and packing stay: 409.',
    middleware: [desk.auth.optional, desk.idempotent] as const,
    request: { params: ConditionName, ...headed },
    responses: { 200: json('The cart without it', CartWire), ...refusalsOfChanges },
  });
  router.openapi(route, async (c) => {
    const { name } = c.req.valid('param');
    const { body, headers } = await change(c, desk, (at) => takeOffCondition(desk, at, name));
    return c.json(body, 200, headers);
  });
}
