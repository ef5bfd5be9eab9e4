// The CHIP stand-in as one HTTP server. What it imitates and what it does not: sim/README.md.
import { Hono } from 'hono';
import { join } from 'node:path';
import { mountControls } from '../controls.ts';
import { HTTP_FAULTS, underFault } from '../faults.ts';
import { listen } from '../listen.ts';
import type { Listening } from '../listen.ts';
import { page, send } from '../reply.ts';
import type { Reply, SimEnv } from '../reply.ts';
import { serveApi } from './api.ts';
import { errorReply, faultReply, methodNotAllowed, notFound } from './errors.ts';
import { leavePage, payOnPage, showPurchase } from './hosted-page.ts';
import { inspection } from './inspection.ts';
import { COMPANY, newKeyPair } from './keys.ts';
import { finishExecution, reachDue, releaseInTime } from './life.ts';
import { logo } from './logo.ts';
import { chargeBackByName, finishRefund } from './refunds.ts';
import { routes } from './routes.ts';
import { Sender } from './sender.ts';
import { createWorld, settingWords } from './state.ts';
import type { Settings, World } from './state.ts';
import { mountSwitches } from './switches.ts';
import { keepStandingWebhook } from './webhooks.ts';

const API = '/api/v1';

export type ChipOptions = {
  port?: number;
  /** Where all events go; `{id}` in it stands for the webhook's id. Left out: as it was before the restart. */
  webhook?: string | undefined;
  dataDir?: string | undefined;
  settings?: Partial<Settings>;
};

export type ChipSim = Listening & { state: World };

export async function startChip(options: ChipOptions = {}): Promise<ChipSim> {
  const world = createWorld({
    file: options.dataDir && join(options.dataDir, 'chip.jsonl'),
    settings: options.settings,
    tasks: (held) => ({
      due: (id) => reachDue(held, id),
      execute: (id) => finishExecution(held, id),
      release: (id) => releaseInTime(held, id),
      refund: (id) => finishRefund(held, id),
      chargeback: (id) => chargeBackByName(held, id),
    }),
  });
  if (!world.keys.get(COMPANY)) world.keys.put(await newKeyPair(COMPANY));
  if (options.webhook) await keepStandingWebhook(world, options.webhook);
  const sender = new Sender(world);
  world.deliver = (event, channels) => sender.deliver(event, channels);
  const listening = await listen(createApp(world, sender), options.port ?? 0);
  world.url = listening.url;
  return {
    ...listening,
    state: world,
    close: async () => {
      sender.stop();
      world.agenda.stop();
      await listening.close();
      await world.store.close();
    },
  };
}

function createApp(world: World, sender: Sender): Hono<SimEnv> {
  const app = new Hono<SimEnv>();
  const initial = { ...world.settings };
  for (const route of routes) {
    app.on(route.method, `${API}${route.path}`, async (c) => send(c, await serveApi(world, c, route)));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(`${API}${path}`, (c) => send(c, errorReply(methodNotAllowed(c.req.method), world.settings.errors)));
  }
  mountPages(app, world);
  mountControls(app, {
    faults: world.faults,
    settings: world.settings,
    words: settingWords,
    state: () => stateOf(world),
    reset: () => {
      sender.forget();
      empty(world);
      Object.assign(world.settings, initial);
    },
  });
  mountSwitches(app, world, sender);
  app.notFound((c) => send(c, errorReply(notFound(), world.settings.errors)));
  return app;
}

function mountPages(app: Hono<SimEnv>, world: World): void {
  const faulty = (subject: string, effect: () => Reply) =>
    underFault(world.faults.take(subject, HTTP_FAULTS), (it) => faultReply(it, world.settings.errors), effect);
  app.get('/', (c) => c.redirect('/_sim'));
  app.get('/_sim', (c) => send(c, page(200, inspection(world))));
  app.get('/static/images/:file', (c) => send(c, logo(c.req.param('file'))));
  app.get('/p/:id/', async (c) => {
    const hints = { preferred: c.req.query('preferred') ?? '', bank: c.req.query('fpx_bank_code') ?? '' };
    return send(c, await faulty(`GET ${c.req.path}`, () => showPurchase(world, c.req.param('id'), hints)));
  });
  app.get('/p/:id/cancel', (c) => send(c, leavePage(world, c.req.param('id'))));
  app.post('/p/:id/', async (c) => {
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
    return send(c, await faulty(`POST ${c.req.path}`, () => payOnPage(world, c.req.param('id'), form)));
  });
}

/** Keys and webhooks stay: whoever holds a public key goes on with it. */
function empty(world: World): void {
  world.agenda.stop();
  const kept = { keys: world.keys.values(), webhooks: world.webhooks.values(), standing: world.standing.values() };
  world.store.clear();
  for (const row of kept.keys) world.keys.put(row);
  for (const row of kept.webhooks) world.webhooks.put(row);
  for (const row of kept.standing) world.standing.put(row);
  world.usedOnce.clear();
}

function stateOf(world: World): Record<string, unknown> {
  return {
    settings: world.settings,
    faults: world.faults.list(),
    webhooks: world.webhooks.values(),
    keys: world.keys.values(),
    purchases: world.purchases.values(),
    payments: world.payments.values(),
    events: world.events.values(),
    deliveries: world.deliveries.values(),
  };
}
