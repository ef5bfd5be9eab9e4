// The page a payer sees: choose how to pay, pay or fail, try again, or go back to the shop.
import { html } from 'hono/html';
import { layout } from '../layout.ts';
import type { Markup } from '../layout.ts';
import { page, redirect } from '../reply.ts';
import type { Reply } from '../reply.ts';
import { announce } from './events.ts';
import { TAKEN, move } from './life.ts';
import { banks } from './methods.ts';
import type { Method } from './methods.ts';
import { unixNow } from './objects.ts';
import type { Purchase } from './objects.ts';
import { isOpen, tryToPay, usableMethods } from './paying.ts';
import type { Form } from './paying.ts';
import { purchaseOf } from './purchases.ts';
import type { World } from './state.ts';

export type Hints = { preferred: string; bank: string };

export function showPurchase(world: World, id: string, hints: Hints): Reply {
  const purchase = find(world, id);
  if (!purchase) return said(404, 'No such payment page');
  return isOpen(purchase) ? form(seen(world, purchase), hints) : over(purchase);
}

/** Assumed: only the first look at a fresh one counts as seeing it. */
function seen(world: World, purchase: Purchase): Purchase {
  if (purchase.status !== 'created') return purchase;
  const viewed = move(world, purchase, { status: 'viewed', viewed_on: unixNow() });
  announce(world, { type: 'purchase.viewed', object: viewed });
  return viewed;
}

export function payOnPage(world: World, id: string, input: Form): Reply {
  const purchase = find(world, id);
  if (!purchase) return said(404, 'No such payment page');
  if (input['outcome'] === 'cancelled') return leave(purchase);
  if (!isOpen(purchase)) return over(purchase);
  const tried = tryToPay(world, purchase, input);
  switch (tried.kind) {
    case 'paid':
      return redirect(purchase.success_redirect || purchase.checkout_url);
    case 'pending':
      return over(tried.purchase);
    case 'failed':
      return purchase.failure_redirect ? redirect(purchase.failure_redirect) : failed(tried.purchase);
    case 'left':
      return leave(purchase);
    case 'asked':
      return bankPage(purchase, input);
    case 'unusable':
      return said(400, tried.message, { url: purchase.checkout_url });
  }
}

function failed(purchase: Purchase): Reply {
  if (!isOpen(purchase)) return over(purchase);
  const [attempt] = purchase.transaction_data.attempts;
  const problem = `That did not work: ${attempt?.error?.message ?? 'try again'}.`;
  return form(purchase, { preferred: '', bank: '' }, problem);
}

/** The link back to the shop, which cancels nothing. */
export function leavePage(world: World, id: string): Reply {
  const purchase = find(world, id);
  return purchase ? leave(purchase) : said(404, 'No such payment page');
}

const leave = ({ cancel_redirect, checkout_url }: Purchase): Reply => redirect(cancel_redirect || checkout_url);

function find(world: World, id: string): Purchase | undefined {
  return world.purchases.get(id) && purchaseOf(world, id);
}

const inWords = ({ purchase }: Purchase): string => `${purchase.currency} ${(purchase.total / 100).toFixed(2)}`;

function form(purchase: Purchase, { preferred, bank }: Hints, problem?: string): Reply {
  const methods = usableMethods(purchase);
  const shown = methods.toSorted((a, b) => Number(b.id === preferred) - Number(a.id === preferred));
  const cards = methods.some(({ kind }) => kind === 'card');
  return page(
    problem === undefined ? 200 : 402,
    layout(
      'Pay',
      html`<h1>Pay ${inWords(purchase)}</h1>
        <p class="note">Hosted page of the CHIP stand-in, for ${purchase.reference || purchase.reference_generated}</p>
        <ul>
          ${purchase.purchase.products.map((line) => html`<li>${line.name} × ${Number(line.quantity)}</li>`)}
        </ul>
        ${problem === undefined ? '' : html`<p class="error" role="alert">${problem}</p>`}
        ${methods.length === 0 ? html`<p class="error">There is no way to pay this.</p>` : choice(purchase, shown, bank)}
        ${cards ? cardForm(purchase) : ''}
        <p><a href="${purchase.checkout_url}cancel">Back to the shop</a></p>`,
    ),
  );
}

function choice({ checkout_url }: Purchase, methods: Method[], bank: string): Markup {
  return html`<form class="card" method="post" action="${checkout_url}">
    <label>
      How to pay
      <select name="payment_method">
        ${methods.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}
      </select>
    </label>
    <label>
      Bank, for online banking
      <select name="fpx_bank_code">
        ${[...banks].map(([code, name]) => html`<option value="${code}" ${code === bank ? 'selected' : ''}>${name}</option>`)}
      </select>
    </label>
    <button name="outcome" value="paid">Pay</button>
    <button class="plain" name="outcome" value="pending">Pay, with the bank taking its time</button>
    <button class="plain" name="outcome" value="failed">Fail</button>
  </form>`;
}

function cardForm({ checkout_url }: Purchase): Markup {
  const field = (name: string, label: string, value: string) =>
    html`<label>${label}<input name="${name}" value="${value}" autocomplete="off" /></label>`;
  return html`<h2>By card</h2>
    <form class="card" method="post" action="${checkout_url}">
      <input type="hidden" name="payment_method" value="card" />
      ${field('number', 'Card number', '4444 3333 2222 1111')} ${field('exp_month', 'Month', '12')}
      ${field('exp_year', 'Year', String(new Date().getUTCFullYear() + 3))} ${field('cvc', 'CVC', '123')}
      <button>Pay by card</button>
    </form>`;
}

/** 3-D Secure. What was typed goes along, for nothing is kept between the two pages. */
function bankPage(purchase: Purchase, input: Form): Reply {
  const typed = Object.entries(input).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return page(
    200,
    layout(
      'Confirm your payment',
      html`<h1>Your bank asks: is this you?</h1>
        <p class="note">3-D Secure stand-in. ${inWords(purchase)}</p>
        <form class="card" method="post" action="${purchase.checkout_url}">
          ${typed}
          <button name="bank" value="pass">Complete authentication</button>
          <button class="plain" name="bank" value="fail">Fail authentication</button>
        </form>`,
    ),
  );
}

const IS_PAID: ReadonlySet<string> = new Set([...TAKEN, 'hold', 'preauthorized', 'pending_refund', 'chargeback']);

/** What the page says when nobody can pay on it any more. */
function over({ status, success_redirect, failure_redirect, cancel_redirect, checkout_url }: Purchase): Reply {
  if (status === 'pending_execute')
    return said(200, 'Your bank is working on it', { url: checkout_url, label: 'Look again' });
  if (IS_PAID.has(status)) return said(200, 'You have paid already', { url: success_redirect });
  return said(410, 'This payment page is closed', { url: failure_redirect || cancel_redirect });
}

type Way = { url: string; label?: string };

function said(status: number, words: string, { url, label = 'Back to the shop' }: Way = { url: '' }): Reply {
  const way = url === '' ? '' : html`<p><a href="${url}">${label}</a></p>`;
  return page(
    status,
    layout(
      words,
      html`<h1>${words}</h1>
        ${way}`,
    ),
  );
}
