// The Stripe stand-in as one HTTP server. What it imitates and what it does not: sim/README.md.
import { Hono } from 'hono';
import { join } from 'node:path';
import { mountControls } from '../controls.ts';
import { listen } from '../listen.ts';
import type { Listening } from '../listen.ts';
import { send } from '../reply.ts';
import type { SimEnv } from '../reply.ts';
import { preflight, serveApi } from './api.ts';
import { expireHold } from './cancel.ts';
import { settleCharge } from './charges.ts';
import { finishDebit } from './confirm.ts';
import { disputeAfter, disputeByCard, judge } from './dispute-life.ts';
import { unknownRoute } from './errors.ts';
import { mountPages } from './pages.ts';
import { failRefund, finishRefund } from './refunds.ts';
import { routes } from './routes.ts';
import { expireInTime, followIntent } from './session-life.ts';
import { createWorld } from './state.ts';
import type { Settings, World } from './state.ts';
import { mountSwitches, setWebhooks } from './switches.ts';
import type { WebhookTarget } from './switches.ts';
import { WebhookSender } from './webhooks.ts';

export type StripeOptions = {
  port?: number;
  /** Where events go. Left out: as it was before the restart. */
  webhooks?: WebhookTarget[];
  dataDir?: string | undefined;
  settings?: Partial<Settings>;
};

export type StripeSim = Listening & { state: World; setWebhooks(targets: WebhookTarget[]): void };

export async function startStripe(options: StripeOptions = {}): Promise<StripeSim> {
  const world = createWorld({
    file: options.dataDir && join(options.dataDir, 'stripe.jsonl'),
    settings: options.settings,
    tasks: (held) => ({
      settle: (id) => settleCharge(held, id),
      release: (id) => expireHold(held, id),
      debit: (id) => finishDebit(held, id),
      finish_refund: (id) => finishRefund(held, id),
      fail_refund: (id) => failRefund(held, id),
      expire_session: (id) => expireInTime(held, id),
      dispute: (id) => disputeByCard(held, id),
      judge: (id) => judge(held, id),
    }),
  });
  if (options.webhooks) setWebhooks(world, options.webhooks);
  const sender = new WebhookSender(world);
  world.deliver = (event) => {
    sender.deliver(event);
    followIntent(world, event);
    disputeAfter(world, event);
  };
  const listening = await listen(createApp(world, sender), options.port ?? 0);
  world.url = listening.url;
  return {
    ...listening,
    state: world,
    setWebhooks: (targets) => setWebhooks(world, targets),
    close: async () => {
      sender.stop();
      world.agenda.stop();
      await listening.close();
      await world.store.close();
    },
  };
}

function createApp(world: World, sender: WebhookSender): Hono<SimEnv> {
  const app = new Hono<SimEnv>();
  const initial = { ...world.settings };
  app.options('/v1/*', () => new Response(null, { status: 204, headers: preflight }));
  for (const route of routes) {
    app.on(route.method, route.path, async (c) => send(c, await serveApi(world, c, route)));
  }
  mountPages(app, world);
  mountControls(app, {
    faults: world.faults,
    settings: world.settings,
    state: () => stateOf(world),
    reset: () => {
      sender.forget();
      world.agenda.stop();
      const targets = world.endpoints.values();
      world.store.clear();
      setWebhooks(world, targets);
      world.unsupportedCurrencies.clear();
      Object.assign(world.settings, initial);
    },
  });
  mountSwitches(app, world, sender);
  app.notFound((c) => send(c, unknownRoute(c.req.method, c.req.path)));
  return app;
}

function stateOf(world: World): Record<string, unknown> {
  return {
    endpoints: world.endpoints.values(),
    settings: world.settings,
    faults: world.faults.list(),
    unsupported_currencies: [...world.unsupportedCurrencies],
    payment_intents: world.intents.values(),
    checkout_sessions: world.sessions.values(),
    charges: world.charges.values(),
    refunds: world.refunds.values(),
    disputes: world.disputes.values(),
    balance_transactions: world.balanceTransactions.values(),
    payment_methods: world.wallets.values(),
    events: world.events.values(),
    deliveries: world.deliveries.values(),
    idempotency: world.answers.values(),
  };
}
