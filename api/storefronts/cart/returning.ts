// Where CHIP's page sends its customers back to. A link proves nothing in either direction: CHIP is asked, and what it says is shown.
import { createRoute, z } from '@hono/zod-openapi';
import { browsersCart, cartById, checkoutOf, holdOf, json, refusals } from '../../bookings.ts';
import type { CheckoutSeen, Desk, RequestContext, Router } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import { cartArea } from './area.ts';
import { CheckoutWire, checkoutWire } from './order-wire.ts';

const OUTCOMES = { success: undefined, failure: 'failed', cancel: 'cancelled' } as const;
type Link = keyof typeof OUTCOMES;

/** How a checkout that came to its end, or waits for it, looks in a browser. */
export type ShowCheckout = (c: RequestContext, seen: CheckoutSeen) => Response | Promise<Response>;

export function addReturns(router: Router, desk: Desk, show: ShowCheckout): void {
  for (const link of ['success', 'failure', 'cancel'] as const) addReturn(router, { desk, show, link });
}

interface Returning {
  readonly desk: Desk;
  readonly show: ShowCheckout;
  readonly link: Link;
}

function addReturn(router: Router, { desk, show, link }: Returning): void {
  const route = createRoute({
    method: 'get',
    path: `/checkout/${link}/{reference}`,
    tags: ['cart'],
    summary: `Back from the payment page by its ${link} link`,
    description:
      'A page, and JSON for who accepts only that. CHIP is asked before anything is said: a payment that was made is shown as made by ' +
      'whichever link its customer came, and its order is placed. Whoever has no more than the reference sees of the customer an outline.',
    middleware: [desk.auth.optional] as const,
    request: { params: z.object({ reference: z.string().max(64) }) },
    responses: {
      200: { ...json('How the checkout stands', CheckoutWire) },
      ...refusals(cartArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const cart = await cartById(desk, c.req.valid('param').reference);
    if (!cart) throw new VisibleError('not_found', 'There is no such checkout.', { code: 'checkout_not_found' });
    const hold = holdOf(c, cart);
    const seen = await checkoutOf(desk, cart.id, OUTCOMES[link]);
    c.header('Cache-Control', 'no-store');
    if (wantsPage(c)) return (await show(c, seen)) as never;
    const isOwn = (await browsersCart(c, desk))?.id === cart.id;
    return c.json(checkoutWire(seen, isOwn || hold === 'owner' || hold === 'staff'), 200);
  });
}

export const wantsPage = (c: RequestContext): boolean =>
  !/^application\/json\b/i.test(c.req.header('Accept') ?? 'text/html');
