/** @jsxImportSource hono/jsx */
// The frame of every page of the shop, and how a page is sent: nothing from elsewhere, and kept by nobody.
import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export interface ShopPageProps {
  readonly title: string;
  readonly brand: string;
  /** Absent where it was not asked for: no number is better than a wrong one. */
  readonly cartCount?: number;
  readonly children: Child;
}

export const SHOP_STYLE_PATH = '/assets/shop.css';
export const CART_SCRIPT_PATH = '/assets/cart.js';

export const ShopPage = ({ title, brand, cartCount, children }: ShopPageProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>
        {title} · {brand}
      </title>
      <link rel="stylesheet" href={SHOP_STYLE_PATH} />
      <link rel="icon" href="data:," />
      <script type="module" src={CART_SCRIPT_PATH} />
    </head>
    <body>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/cart">
          {brand}
        </a>
        <nav aria-label="Shop">
          <a href="/cart">Cart {cartCount !== undefined && <Count of={cartCount} />}</a>
        </nav>
      </header>
      <p id="announcement" class="unseen" role="status" />
      <main id="main">{children}</main>
      <footer class="foot">
        <p>Prices in Malaysian ringgit.</p>
      </footer>
    </body>
  </html>
);

const Count = ({ of }: { of: number }) => (
  <>
    <span class="count">{of}</span>
    <span class="unseen"> {of === 1 ? 'item' : 'items'}</span>
  </>
);

// Forms lead on to the gateway's own page, so where they may go is not narrowed down.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Browsers name the origin of a form only to sites that they may tell where they come from: ours. */
export function sendPage(c: Context, page: Child, status: ContentfulStatusCode = 200) {
  c.header('Content-Security-Policy', POLICY);
  c.header('Referrer-Policy', 'same-origin');
  c.header('Cache-Control', 'no-store');
  return c.html(html`<!doctype html>${page}`, status);
}
