// Setting out to pay: from the cart as it is to the gateway's page, and what stands in the way of that.
import { createRoute, z } from '@hono/zod-openapi';
import { heldCart, intentOn, json, jsonBody, paymentMethodsOf, refusals, shopper } from '../../bookings.ts';
import type { Desk, Router } from '../../bookings.ts';
import { cartArea } from './area.ts';
import { Customer, CUSTOMER_EXAMPLE } from './customer.ts';
import { payFor } from './paying.ts';
import { CartId, Holding, HoldingQuery, StaleCart } from './wire.ts';

const TAGS = ['cart'];

export function addCheckout(router: Router, desk: Desk): void {
  addCheckOut(router, desk);
  addDiagnostics(router, desk);
  addMethods(router, desk);
}

const Checkout = z
  .object({
    cart_id: z.string(),
    customer: Customer,
    payment_method_whitelist: z.array(z.string().min(1).max(32)).max(32).optional().openapi({
      description: 'Ids of `GET /checkout/payment-methods`; absent or empty: the customer chooses from all',
    }),
  })
  .openapi('CartCheckout');

const CheckedOut = z.object({
  success: z.literal(true),
  purchase_id: z.string(),
  checkout_url: z.string(),
  reference: z.string(),
  reused_intent: z
    .literal(true)
    .optional()
    .openapi({ description: 'The payment that was asked for before still stands' }),
});

function addCheckOut(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/checkout',
    tags: TAGS,
    summary: 'Ask for the payment of a cart',
    description:
      'Freezes the cart and answers with the page on which it is paid. Asked again for the same cart, customer and methods, the same page; ' +
      'after any change a fresh one, and the one before it is closed at the gateway first, so that only one can ever be paid. What was ' +
      'frozen is what is ordered, whatever becomes of the cart meanwhile.',
    middleware: [desk.auth.optional, desk.limitCreates, desk.idempotent] as const,
    request: {
      headers: Holding,
      query: HoldingQuery,
      body: jsonBody(Checkout, { cart_id: '$CART_ID', customer: CUSTOMER_EXAMPLE }),
    },
    responses: {
      200: json('Where to pay', CheckedOut),
      409: json('The cart changes too fast, or is being paid', StaleCart),
      ...refusals(
        cartArea,
        'not_json',
        'invalid',
        'unauthenticated',
        'forbidden',
        'not_found',
        'rate_limited',
        'not_ready',
      ),
    },
  });
  router.openapi(route, async (c) => {
    const { cart_id: cartId, customer, payment_method_whitelist: paymentMethods } = c.req.valid('json');
    const { cart } = await heldCart(c, desk, cartId);
    c.set('cartId', cart.id);
    const checkout = await payFor(desk, { cart, payer: shopper(c)?.sub, customer, paymentMethods });
    const { purchase_id, checkout_url, reference } = checkout.intent;
    const reused = checkout.reused ? { reused_intent: true as const } : {};
    return c.json({ success: true as const, purchase_id, checkout_url, reference, ...reused }, 200);
  });
}

const Diagnostics = z.object({
  has_intent: z.boolean(),
  valid: z.boolean(),
  reason: z.enum(['none', 'cart_changed', 'expired', 'status']).openapi({
    description:
      'Why it does not stand: the cart changed, its time is over, or its status; `none` while it stands, and where there is no intent',
  }),
  cart_changed_since_intent: z.boolean(),
  cart_version: z.int(),
  intent_version: z.int().nullable(),
  status: z.string().nullable(),
});

function addDiagnostics(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/carts/{id}/payment-intent',
    tags: TAGS,
    summary: 'Whether the payment that was asked for still stands',
    middleware: [desk.auth.optional] as const,
    request: { params: CartId, headers: Holding, query: HoldingQuery },
    responses: {
      200: json('How it stands', Diagnostics),
      ...refusals(cartArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const { cart } = await heldCart(c, desk, c.req.valid('param').id);
    const { intent, standing } = await intentOn(desk, cart);
    return c.json(
      {
        has_intent: intent !== undefined,
        valid: standing.valid,
        reason: standing.reason,
        cart_changed_since_intent: standing.cartChanged,
        cart_version: cart.version,
        intent_version: intent?.cart_version ?? null,
        status: standing.status,
      },
      200,
    );
  });
}

const Methods = z.object({
  payment_methods: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      icon: z.string().nullable(),
      group: z.string(),
    }),
  ),
});

function addMethods(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/checkout/payment-methods',
    tags: TAGS,
    summary: 'What can be paid with',
    description:
      'The gateway’s own list, asked for once in `PAYMENT_METHODS_TTL`. With its `ETag` in `If-None-Match`: 304.',
    responses: { 200: json('The methods', Methods), ...refusals(cartArea, 'provider_error') },
  });
  router.openapi(route, async (c) => {
    const { methods, etag, maxAgeS } = await paymentMethodsOf(desk);
    const headers = { ETag: etag, 'Cache-Control': `public, max-age=${maxAgeS}` };
    if (isKnown(c.req.header('If-None-Match') ?? '', etag)) return c.body(null, 304, headers) as never;
    return c.json({ payment_methods: [...methods] }, 200, headers);
  });
}

/** Whoever compresses on the way marks the tag as weak, and several may be named. */
const isKnown = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
