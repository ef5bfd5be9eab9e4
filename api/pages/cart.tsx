/** @jsxImportSource hono/jsx */
// The cart of this browser, as a page.
import { readFileSync } from 'node:fs';
import { createRoute, z } from '@hono/zod-openapi';
import { etag } from 'hono/etag';
import type { CatalogueProduct } from '../../domain/cart.ts';
import { browsersCart, giveBrowserCart, openCart, productsOf } from '../bookings.ts';
import type { Desk, RequestContext, Router, StoredCart } from '../bookings.ts';
import { CartAct, doOnPage, seenIn } from './cart-acts.ts';
import { CartPage } from './cart-page.tsx';
import { CART_SCRIPT_PATH, sendPage, SHOP_STYLE_PATH } from './layout.tsx';
import { keepNotice, ownFormsOnly, takeNotice } from './shop-door.ts';
import type { NameOf, Notice } from './words.ts';

const TAGS = ['shop pages'];
export const HTML_PAGE = { 'text/html': { schema: z.string() } };

export function addCartPage(router: Router, desk: Desk): void {
  addAssets(router);
  router.openapi(cartPage, async (c) => {
    const [cart, products] = await Promise.all([browsersCart(c, desk), productsOf(desk)]);
    const notice = takeNotice(c);
    const { brand } = desk.config;
    return sendPage(c, <CartPage brand={brand} cart={cart ?? NO_CART} products={products} notice={notice} />);
  });
  addCartForms(router, desk);
}

/** As it looks before anything was put in; a row is made when something is. */
const NO_CART = { version: 0, currency: 'MYR', items: [], conditions: [] };

const cartPage = createRoute({
  method: 'get',
  path: '/cart',
  tags: TAGS,
  summary: 'The cart of this browser, as a page',
  description: 'The cart is the one in the cookie `hf_cart`, which the page sets when something is put in.',
  responses: { 200: { description: 'The page', content: HTML_PAGE } },
});

function addCartForms(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/cart',
    tags: TAGS,
    summary: 'Where the forms of the page go',
    description: 'Only from a page of this site: `Origin` or `Sec-Fetch-Site` must say so.',
    middleware: [ownFormsOnly(desk.config), desk.limitCreates] as const,
    responses: {
      303: { description: 'Back to the page, which says what became of it' },
      403: { description: 'The form stood elsewhere', content: HTML_PAGE },
      429: { description: 'Too many forms', content: HTML_PAGE },
    },
  });
  router.openapi(route, async (c) => {
    const notice = await act(c, desk);
    if (notice) keepNotice(c, desk.config, notice);
    return c.redirect('/cart', 303);
  });
}

async function act(c: RequestContext, desk: Desk): Promise<Notice | undefined> {
  const fields = await c.req.parseBody();
  const parsed = CartAct.safeParse(fields);
  if (!parsed.success) return NOT_UNDERSTOOD;
  const [products, known] = await Promise.all([productsOf(desk), browsersCart(c, desk)]);
  if (!known && parsed.data.kind !== 'add') return NOTHING_THERE;
  const cart = known ?? (await openFor(c, desk));
  return doOnPage(desk, cart, { act: parsed.data, seen: seenIn(fields['seen'], cart), nameOf: namesIn(products) });
}

async function openFor(c: RequestContext, desk: Desk): Promise<StoredCart> {
  const cart = await openCart(desk, null);
  giveBrowserCart(c, desk, cart);
  return cart;
}

export const namesIn =
  (products: readonly CatalogueProduct[]): NameOf =>
  (productId) =>
    products.find(({ id }) => id === productId)?.name ?? 'A product';

const NOT_UNDERSTOOD: Notice = {
  tone: 'problem',
  title: 'That did not work',
  lines: ['Please enter a whole number, or a code of letters and digits.'],
};
const NOTHING_THERE: Notice = {
  tone: 'changed',
  title: 'Your cart is not there any more',
  lines: ['Here is a new one.'],
};

function addAssets(router: Router): void {
  const assets = [
    [SHOP_STYLE_PATH, 'text/css', readAsset('shop.css')],
    [CART_SCRIPT_PATH, 'text/javascript', readAsset('cart.js')],
  ] as const;
  for (const [path, type, text] of assets) {
    router.get(path, etag(), (c) =>
      c.body(text, 200, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-cache' }),
    );
  }
}

const readAsset = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
