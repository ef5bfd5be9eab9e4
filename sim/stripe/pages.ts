// Pages for people: the bank's 3-D Secure question, a card form, Checkout's hosted page, and the inspection page.
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { HTTP_FAULTS, underFault } from '../faults.ts';
import { layout } from '../layout.ts';
import { page, redirect, send, textFrom } from '../reply.ts';
import type { Reply, SimEnv } from '../reply.ts';
import { cardFields, confirmByForm } from './card-form.ts';
import { answerChallenge } from './confirm.ts';
import { inWords } from './currencies.ts';
import { StripeError, faultReply } from './errors.ts';
import { parseForm } from './form.ts';
import type { Params } from './form.ts';
import type { Intent } from './objects.ts';
import { leaveForSession, payOnPage, sessionPage } from './hosted-page.ts';
import { inspection } from './inspection.ts';
import { sessionOfIntent } from './session-life.ts';
import type { World } from './state.ts';

export function mountPages(app: Hono<SimEnv>, world: World): void {
  const faulty = (subject: string, effect: () => Reply) =>
    underFault(world.faults.take(subject, HTTP_FAULTS), faultReply, effect);

  app.get('/', (c) => c.redirect('/_sim'));
  app.get('/_sim', (c) => send(c, page(200, inspection(world))));
  app.get('/3ds/:id', async (c) =>
    send(c, await faulty(`GET ${c.req.path}`, () => challengePage(world, c.req.param('id')))),
  );
  app.post('/3ds/:id', async (c) => {
    const outcome = parseForm(await c.req.text())['outcome'];
    return send(c, await faulty(`POST ${c.req.path}`, () => answer(world, c.req.param('id'), outcome)));
  });
  app.get('/card/:id', async (c) => {
    const secret = c.req.query('client_secret') ?? '';
    return send(c, await faulty(`GET ${c.req.path}`, () => cardPage(world, c.req.param('id'), { secret })));
  });
  app.get('/c/pay/:id', async (c) =>
    send(c, await faulty(`GET ${c.req.path}`, () => sessionPage(world, c.req.param('id')))),
  );
  app.post('/c/pay/:id', async (c) => {
    const form = parseForm(await c.req.text());
    return send(c, await faulty(`POST ${c.req.path}`, () => payOnPage(world, c.req.param('id'), form)));
  });
  app.post('/card/:id', async (c) => {
    const form = { ...parseForm(new URL(c.req.url).search), ...parseForm(await c.req.text()) };
    return send(c, await faulty(`POST ${c.req.path}`, () => pay(world, c.req.param('id'), form)));
  });
}

function challengePage(world: World, id: string): Reply {
  const intent = world.intents.get(id);
  if (!intent) return notFound();
  if (intent.status !== 'requires_action') return leave(world, intent);
  return page(
    200,
    layout(
      'Confirm your payment',
      html`<h1>Your bank asks: is this you?</h1>
        <p class="note">3-D Secure stand-in. ${inWords(intent.amount, intent.currency)} for <code>${id}</code></p>
        <form class="card" method="post" action="/3ds/${id}">
          <button name="outcome" value="pass">Complete authentication</button>
          <button class="plain" name="outcome" value="fail">Fail authentication</button>
        </form>`,
    ),
  );
}

function answer(world: World, id: string, outcome: unknown): Reply {
  if (outcome !== 'pass' && outcome !== 'fail') {
    return page(400, layout('Not understood', html`<h1>Send outcome=pass or outcome=fail</h1>`));
  }
  const intent = answerChallenge(world, id, outcome);
  return intent ? leave(world, intent) : notFound();
}

/** Back to the shop, as Stripe does it: three parameters that prove nothing. */
function leave(world: World, intent: Intent): Reply {
  const session = sessionOfIntent(world, intent.id);
  if (session) return leaveForSession(session);
  const returnUrl = world.attempts.get(intent.id)?.returnUrl;
  if (returnUrl && URL.canParse(returnUrl)) {
    const url = new URL(returnUrl);
    url.searchParams.set('payment_intent', intent.id);
    url.searchParams.set('payment_intent_client_secret', intent.client_secret);
    url.searchParams.set('redirect_status', redirectStatus(intent));
    return redirect(url.href);
  }
  const done = html`<h1>${redirectStatus(intent) === 'failed' ? 'Not paid' : 'Done'}</h1>
    <p>This payment is <strong>${intent.status}</strong>. You may close this page.</p>`;
  return page(200, layout('Payment', done));
}

function redirectStatus(intent: Intent): string {
  if (intent.status === 'succeeded' || intent.status === 'requires_capture') return 'succeeded';
  return intent.status === 'processing' ? 'pending' : 'failed';
}

function cardPage(world: World, id: string, { secret, problem }: { secret: string; problem?: string }): Reply {
  const intent = world.intents.get(id);
  if (!intent || intent.client_secret !== secret) return notFound();
  return page(
    problem ? 402 : 200,
    layout(
      'Pay',
      html`<h1>Pay ${inWords(intent.amount, intent.currency)}</h1>
        <p class="note">Card form of the Stripe stand-in; status ${intent.status}</p>
        ${problem ? html`<p class="error" role="alert">${problem}</p>` : ''}
        <form class="card" method="post" action="/card/${id}">
          <input type="hidden" name="client_secret" value="${secret}" />
          ${cardFields()}
          <button>Pay</button>
        </form>`,
    ),
  );
}

/** Does what Stripe.js would: confirms with the publishable key and follows the next action. */
function pay(world: World, id: string, form: Params): Reply {
  const intent = world.intents.get(id);
  const secret = textFrom(form['client_secret']);
  if (!intent || intent.client_secret !== secret) return notFound();
  try {
    const confirmed = confirmByForm(world, intent, form);
    return confirmed.status === 'requires_action' ? redirect(`/3ds/${id}`) : leave(world, confirmed);
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return cardPage(world, id, { secret, problem: error.message });
  }
}

function notFound(): Reply {
  return page(404, layout('Not found', html`<h1>No such payment</h1>`));
}
