/** @jsxImportSource hono/jsx */
// The checkout of this browser's cart. What its form says goes to the till, and the customer to the page it names.
import { createRoute } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { browsersCart, productsOf } from '../bookings.ts';
import type { Desk, RequestContext, Router, StoredCart } from '../bookings.ts';
import { invalidRequest, VisibleError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { logOf } from '../http/request-log.ts';
import { Customer } from '../storefronts/cart/customer.ts';
import { HTML_PAGE, namesIn } from './cart.tsx';
import { changeNotice, seenIn } from './cart-acts.ts';
import { faultsIn, groupsOf, methodsOf, textsIn, UNTOUCHED } from './checkout-form.ts';
import type { CheckoutForm } from './checkout-form.ts';
import { CheckoutPage } from './checkout-page.tsx';
import { sendPage } from './layout.tsx';
import { ownFormsOnly } from './shop-door.ts';
import type { CheckoutOrder, MethodChoice, Till } from './till.ts';
import type { Notice } from './words.ts';

export interface Counter {
  readonly desk: Desk;
  /** Without one the page says that paying is not possible. */
  readonly till: Till;
}

export function addCheckoutPage(router: Router, counter: Counter): void {
  const { desk } = counter;
  router.openapi(checkoutPage, async (c) => {
    const cart = await browsersCart(c, desk);
    return hasGoods(cart) ? show(c, counter, { cart, form: UNTOUCHED }) : c.redirect('/cart', 303);
  });
  // Programs send JSON to the same address: that is for the route behind these.
  const handlers = [ownFormsOnly(desk.config), desk.limitCreates, takeForm(counter)];
  for (const handler of handlers) router.post('/checkout', onlyForms(handler));
}

const checkoutPage = createRoute({
  method: 'get',
  path: '/checkout',
  tags: ['shop pages'],
  summary: 'The checkout of this browser’s cart, as a page',
  description: 'Its form goes to `POST /checkout`, and the answer leads on to the gateway’s page.',
  responses: {
    200: { description: 'The page', content: HTML_PAGE },
    303: { description: 'Back to the cart, which is empty' },
  },
});

const hasGoods = (cart: StoredCart | undefined): cart is StoredCart => cart !== undefined && cart.items.length > 0;

const onlyForms =
  (handler: MiddlewareHandler<AppEnv>): MiddlewareHandler<AppEnv> =>
  (c, next) =>
    /^application\/x-www-form-urlencoded\b/i.test(c.req.header('Content-Type') ?? '') ? handler(c, next) : next();

const takeForm =
  (counter: Counter): MiddlewareHandler<AppEnv> =>
  async (c) => {
    const { desk, till } = counter;
    const values = textsIn(await c.req.parseBody());
    const cart = await browsersCart(c, desk);
    if (!hasGoods(cart)) return c.redirect('/cart', 303);
    const seen = seenIn(values['seen'], cart);
    const nameOf = namesIn(await productsOf(desk));
    const notice = changeNotice('Your cart changed elsewhere. You would pay for this now', { seen, nameOf }, cart);
    if (notice) return show(c, counter, { cart, form: { values, faults: {} }, notice, status: 409 });
    const customer = Customer.safeParse({ ...values, state: values['state']?.trim() || undefined });
    if (!customer.success) {
      const form = { values, faults: faultsIn(invalidRequest(customer.error)) };
      return show(c, counter, { cart, form, notice: LOOK_AGAIN, status: 400 });
    }
    const chosen = methodsOf(await methodsAt(c, till), values['payment_group'] ?? '');
    const order = { cartId: cart.id, customer: customer.data, ...(chosen.length > 0 && { paymentMethods: chosen }) };
    const paying = await checkOut(till, order);
    if ('url' in paying) return c.redirect(paying.url, 303);
    const form = { values, faults: faultsIn(paying.refusal) };
    return show(c, counter, { cart, form, notice: problemOf(paying.refusal), status: 409 });
  };

async function checkOut(till: Till, order: CheckoutOrder): Promise<{ url: string } | { refusal: VisibleError }> {
  try {
    return { url: (await till.checkOut(order)).checkoutUrl };
  } catch (error) {
    if (error instanceof VisibleError) return { refusal: error };
    throw error;
  }
}

/** The gateway asks on its own page where its catalogue cannot be had here. */
async function methodsAt(c: RequestContext, till: Till): Promise<readonly MethodChoice[]> {
  try {
    return await till.methods();
  } catch (err) {
    logOf(c).warn({ err }, 'the checkout shows no payment methods');
    return [];
  }
}

const LOOK_AGAIN: Notice = {
  tone: 'problem',
  title: 'Some of this cannot be right',
  lines: ['Please look at the marked fields.'],
};

const problemOf = ({ publicMessage }: VisibleError): Notice => ({
  tone: 'problem',
  title: 'Paying did not work',
  lines: [publicMessage],
});

interface Shown {
  readonly cart: StoredCart;
  readonly form: CheckoutForm;
  readonly notice?: Notice;
  readonly status?: 200 | 400 | 409;
}

async function show(c: RequestContext, { desk, till }: Counter, { cart, form, notice, status = 200 }: Shown) {
  const groups = groupsOf(await methodsAt(c, till));
  const props = { brand: desk.config.brand, cart, form, groups, notice };
  return sendPage(c, <CheckoutPage {...props} />, status);
}
