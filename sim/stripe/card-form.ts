// The card fields of every page of this stand-in, and what Stripe.js would do with them.
import { html } from 'hono/html';
import { randomText } from '../random.ts';
import type { Markup } from '../layout.ts';
import type { Call } from './call.ts';
import { confirmIntent } from './confirm.ts';
import type { Params } from './form.ts';
import type { Intent } from './objects.ts';
import type { World } from './state.ts';

export function cardFields(email = ''): Markup {
  const field = (name: string, label: string, value = '') =>
    html`<label>${label}<input name="${name}" value="${value}" autocomplete="off" /></label>`;
  return html`${field('number', 'Card number', '4242 4242 4242 4242')} ${field('exp_month', 'Month', '12')}
  ${field('exp_year', 'Year', String(new Date().getUTCFullYear() + 3))} ${field('cvc', 'CVC', '123')}
  ${field('email', 'E-mail', email)}`;
}

/** The call that a browser makes with the publishable key. */
export function browserCall(intentId: string, form: Params): Call {
  const { number = '', exp_month = '', exp_year = '', cvc = '', email = '', payment_method, return_url } = form;
  const card = { type: 'card', card: { number, exp_month, exp_year, cvc }, billing_details: { email } };
  return {
    id: `req_${randomText(14)}`,
    method: 'POST',
    path: `/v1/payment_intents/${intentId}/confirm`,
    target: intentId,
    params: {
      ...(typeof payment_method === 'string' ? { payment_method } : { payment_method_data: card }),
      ...(typeof return_url === 'string' ? { return_url } : {}),
    },
    publishable: true,
    idempotencyKey: null,
  };
}

/** Confirms with the publishable key, as Stripe.js does; a decline is thrown. */
export const confirmByForm = (world: World, intent: Intent, form: Params): Intent =>
  confirmIntent(world, intent, browserCall(intent.id, form));
