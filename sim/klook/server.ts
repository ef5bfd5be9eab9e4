// The Klook stand-in as one HTTP server: modelled on public clients, not on Klook's own documents (sim/README.md).
import { Hono } from 'hono';
import type { Context } from 'hono';
import { join } from 'node:path';
import { mountControls, refused } from '../controls.ts';
import { underFault } from '../faults.ts';
import { listen } from '../listen.ts';
import type { Listening } from '../listen.ts';
import { json, objectFrom, page, send, valueFrom } from '../reply.ts';
import type { Outcome, Reply, SimEnv } from '../reply.ts';
import { changeBalance, changeCatalog } from './admin.ts';
import { decideCancel } from './cancel.ts';
import { KlookError, errorReply, faultReply } from './errors.ts';
import { openBalance } from './ledger.ts';
import { inspection } from './inspection.ts';
import { decideOrder, expireOrder, issueVouchers } from './pay.ts';
import { routes, sentinelFault } from './routes.ts';
import type { KlookCall, Route } from './routes.ts';
import { createWorld, settingWords, stock } from './state.ts';
import type { Settings, World } from './state.ts';
import { serveVoucher } from './voucher-file.ts';

export type KlookOptions = {
  port?: number;
  dataDir?: string | undefined;
  settings?: Partial<Settings>;
};

export type KlookSim = Listening & { state: World };

export async function startKlook(options: KlookOptions = {}): Promise<KlookSim> {
  const world = createWorld({
    file: options.dataDir && join(options.dataDir, 'klook.jsonl'),
    settings: options.settings,
    tasks: (held) => ({
      expire: (id) => expireOrder(held, id),
      decide: (id) => decideOrder(held, id),
      voucher: (id) => issueVouchers(held, id),
      cancel: (id) => decideCancel(held, id),
    }),
  });
  fill(world);
  const listening = await listen(createApp(world), options.port ?? 0);
  world.url = listening.url;
  return {
    ...listening,
    state: world,
    close: async () => {
      world.agenda.stop();
      await listening.close();
      await world.store.close();
    },
  };
}

function fill(world: World): void {
  stock(world);
  openBalance(world);
}

function createApp(world: World): Hono<SimEnv> {
  const app = new Hono<SimEnv>();
  const initial = { ...world.settings };
  for (const route of routes) {
    app.on(route.method, route.path, async (c) => send(c, await serveApi(world, c, route)));
  }
  app.get('/vouchers/:order/:file', (c) => serveVoucher(world, c.req.param('order'), c.req.param('file')));
  app.get('/', (c) => c.redirect('/_sim'));
  app.get('/_sim', (c) => send(c, page(200, inspection(world))));
  mountControls(app, {
    faults: world.faults,
    settings: world.settings,
    words: settingWords,
    state: () => stateOf(world),
    reset: () => {
      world.agenda.stop();
      world.store.clear();
      world.usedOnce.clear();
      Object.assign(world.settings, initial);
      fill(world);
    },
  });
  app.post('/_sim/balance', async (c) => send(c, await changed(c, (body) => changeBalance(world, body))));
  app.post('/_sim/catalog', async (c) => send(c, await changed(c, (body) => changeCatalog(world, body))));
  app.notFound((c) => {
    const message = `${c.req.method} ${c.req.path} does not exist`;
    return send(c, errorReply(new KlookError({ status: 404, code: 'NOT_FOUND' }, message), c.req.path));
  });
  return app;
}

async function changed(context: Context<SimEnv>, change: (body: Record<string, unknown>) => unknown): Promise<Reply> {
  const body = objectFrom(await context.req.text());
  if (!body) return refused('send a JSON object');
  try {
    return json(200, change(body));
  } catch (error) {
    if (error instanceof KlookError) return refused(error.message);
    throw error;
  }
}

async function serveApi(world: World, context: Context<SimEnv>, route: Route): Promise<Outcome> {
  const path = context.req.path;
  const failure = (fault: Parameters<typeof faultReply>[0]) => faultReply(fault, path);
  try {
    if (!context.req.header('x-api-key')) {
      throw new KlookError({ status: 401, code: 'UNAUTHORIZED' }, 'X-API-KEY is missing');
    }
    const text = route.method === 'POST' ? await context.req.text() : '';
    const call: KlookCall = {
      target: context.req.param('id') ?? '',
      query: (name) => context.req.query(name),
      body: valueFrom(text),
    };
    const fault = world.faults.take(`${route.method} ${path}`) ?? sentinelFault(world, route, call);
    return await underFault(fault, failure, () => answered(world, call, { route, path }));
  } catch (error) {
    return errorReply(error, path);
  }
}

function answered(world: World, call: KlookCall, { route, path }: { route: Route; path: string }): Reply {
  try {
    return json(200, route.endpoint(world, call));
  } catch (error) {
    return errorReply(error, path);
  }
}

function stateOf(world: World): Record<string, unknown> {
  return {
    settings: world.settings,
    faults: world.faults.list(),
    balance_minor: world.balanceMinor,
    orders: world.orders.values(),
    ledger: world.ledger.values(),
    packages: world.packages.values(),
    skus: world.skus.values(),
    slots: world.slots.values(),
  };
}
