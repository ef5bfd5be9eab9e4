// The hosted page of a Checkout Session: pay, be declined and try again, leave for the shop.
import { html } from 'hono/html';
import { layout } from '../layout.ts';
import { page, redirect, textFrom } from '../reply.ts';
import type { Reply } from '../reply.ts';
import { browserCall, cardFields, confirmByForm } from './card-form.ts';
import { inWords } from './currencies.ts';
import { StripeError } from './errors.ts';
import type { Params } from './form.ts';
import type { Session } from './objects.ts';
import { intentOfSession } from './session-life.ts';
import type { World } from './state.ts';

export function sessionPage(world: World, id: string, problem?: string): Reply {
  const session = world.sessions.get(id);
  if (!session) return said(404, 'No such payment page');
  if (session.status === 'expired') return said(410, 'This payment page has expired', wayBack(session));
  if (session.status === 'complete') return said(200, 'You have paid already', successUrl(session));
  const lines = world.baskets.get(id)?.lines ?? [];
  const cancelUrl = wayBack(session);
  return page(
    problem ? 402 : 200,
    layout(
      'Checkout',
      html`<h1>Pay ${inWords(session.amount_total, session.currency)}</h1>
        <p class="note">Hosted page of the Stripe stand-in</p>
        <ul>
          ${lines.map((line) => html`<li>${line.description} × ${line.quantity}</li>`)}
        </ul>
        ${problem ? html`<p class="error" role="alert">${problem}</p>` : ''}
        <form class="card" method="post" action="/c/pay/${id}">
          ${cardFields(session.customer_email ?? '')}
          <button>Pay</button>
        </form>
        <form class="card" method="post" action="/c/pay/${id}">
          <button class="plain" name="payment_method" value="pm_usBankAccount">
            Pay by bank debit (takes a while)
          </button>
        </form>
        ${cancelUrl ? html`<p><a href="${cancelUrl}">Back to the shop</a></p>` : ''}`,
    ),
  );
}

/** A decline leaves the page open and its intent the same. */
export function payOnPage(world: World, id: string, form: Params): Reply {
  const session = world.sessions.get(id);
  if (!session) return said(404, 'No such payment page');
  if (session.status !== 'open') return said(410, 'This payment page is closed', wayBack(session));
  const email = textFrom(form['email']) || session.customer_email;
  const details = { address: null, email, name: null, phone: null, tax_exempt: 'none' } as const;
  const known = world.sessions.put({ ...session, customer_details: details });
  const intent = intentOfSession(world, known, browserCall(id, form));
  try {
    const confirmed = confirmByForm(world, intent, form);
    return confirmed.status === 'requires_action' ? redirect(`/3ds/${intent.id}`) : redirect(successUrl(session));
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return sessionPage(world, id, error.message);
  }
}

/** From the bank's page: on to the shop, or back to this page to try another card. */
export function leaveForSession(session: Session): Reply {
  return redirect(session.status === 'complete' ? successUrl(session) : `/c/pay/${session.id}`);
}

const successUrl = (session: Session): string => withId(session.success_url, session);

const wayBack = (session: Session): string | null => session.cancel_url && withId(session.cancel_url, session);

const withId = (url: string, { id }: Session): string => url.replaceAll('{CHECKOUT_SESSION_ID}', id);

function said(status: number, words: string, url: string | null = null): Reply {
  const way = url ? html`<p><a href="${url}">Back to the shop</a></p>` : '';
  return page(
    status,
    layout(
      words,
      html`<h1>${words}</h1>
        ${way}`,
    ),
  );
}
