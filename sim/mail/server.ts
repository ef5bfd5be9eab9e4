// The mail stand-in: an SMTP server, and a page and JSON to read what it took.
import { Hono } from 'hono';
import { mountControls } from '../controls.ts';
import { listen } from '../listen.ts';
import type { Listening } from '../listen.ts';
import { json, page, send } from '../reply.ts';
import type { SimEnv } from '../reply.ts';
import { asJson, htmlWithPictures, opened } from './message.ts';
import { inboxPage, messagePage, missingPage } from './pages.ts';
import { listenSmtp } from './smtp.ts';
import type { SmtpListening } from './smtp.ts';
import { createWorld, mailsTo } from './state.ts';
import type { World } from './state.ts';

export type MailOptions = { smtpPort?: number; pagePort?: number; dataDir?: string | undefined };

export type MailSim = Listening & { smtp: SmtpListening; state: World };

export async function startMail(options: MailOptions = {}): Promise<MailSim> {
  const world = createWorld(options.dataDir);
  const smtp = await listenSmtp(world, options.smtpPort ?? 0);
  const listening = await listen(createApp(world), options.pagePort ?? 0).catch(async (error: unknown) => {
    await smtp.close();
    throw error;
  });
  return {
    ...listening,
    smtp,
    state: world,
    close: async () => {
      await Promise.all([smtp.close(), listening.close()]);
      await world.store.close();
    },
  };
}

function createApp(world: World): Hono<SimEnv> {
  const app = new Hono<SimEnv>();
  mountPages(app, world);
  mountJson(app, world);
  mountControls(app, {
    faults: world.faults,
    settings: world.settings,
    state: () => ({ faults: world.faults.list(), settings: world.settings, messages: world.mails.values() }),
    reset: () => {
      world.store.clear();
      world.raws.clear();
    },
  });
  app.notFound((c) => send(c, json(404, { error: { message: 'not found' } })));
  return app;
}

function mountPages(app: Hono<SimEnv>, world: World): void {
  const inbox = (to: string | undefined) => page(200, inboxPage(world, to));
  app.get('/', (c) => send(c, inbox(c.req.query('to'))));
  app.get('/_sim', (c) => send(c, inbox(c.req.query('to'))));
  app.get('/messages/:id', async (c) => {
    const message = await opened(world, c.req.param('id'));
    return send(c, message ? page(200, messagePage(message)) : page(404, missingPage()));
  });
  app.get('/messages/:id/html', async (c) => {
    const message = await opened(world, c.req.param('id'));
    if (!message) return send(c, page(404, missingPage()));
    return new Response(htmlWithPictures(message), {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'",
      },
    });
  });
}

function mountJson(app: Hono<SimEnv>, world: World): void {
  const gone = json(404, { error: { message: 'no such message, or its bytes were let go' } });
  app.get('/api/messages', (c) => {
    const found = mailsTo(world, c.req.query('to'));
    const limit = Number(c.req.query('limit')) || found.length;
    return send(c, json(200, { total: found.length, messages: found.slice(0, limit) }));
  });
  app.get('/api/messages/:id', async (c) => {
    const message = await opened(world, c.req.param('id'));
    return send(c, message ? json(200, asJson(message)) : gone);
  });
  app.get('/api/messages/:id/raw', (c) => {
    const raw = world.raws.get(c.req.param('id'));
    if (!raw) return send(c, gone);
    return new Response(new Uint8Array(raw), { headers: { 'content-type': 'text/plain; charset=utf-8' } });
  });
  app.get('/api/messages/:id/attachments/:n', async (c) => {
    const message = await opened(world, c.req.param('id'));
    const file = message?.files[Number(c.req.param('n'))];
    if (!file) return send(c, gone);
    const name = encodeURIComponent(file.filename);
    const shown = file.contentType.startsWith('image/') ? 'inline' : 'attachment';
    return new Response(file.bytes, {
      headers: {
        'content-type': file.contentType,
        'content-disposition': `${shown}; filename*=UTF-8''${name}`,
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
      },
    });
  });
}
