/** @jsxImportSource hono/jsx */
// The OpenAPI document, and the same as a page that needs no script and nothing from elsewhere.
import type { Config } from '../config.ts';
import { html } from 'hono/html';
import { Page } from './docs-page.tsx';
import { readDocument } from './docs-document.ts';
import { createRouter } from './http/router.ts';
import type { Router } from './http/router.ts';

const DESCRIPTION = `Bookings that are paid for and delivered even when something fails on the way.
Amounts are integers in minor units unless an endpoint says otherwise; times are ISO 8601 in UTC.
Send \`Idempotency-Key\` with a POST to be able to send it again: the answer is the same and the effect happens once.`;

/** Mounted last, because it describes what was mounted before; made once, at the first question. */
export function docs(app: Router, { publicUrl, brand }: Pick<Config, 'publicUrl' | 'brand'>): Router {
  const router = createRouter();
  const describe = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: brand, version: '1', description: DESCRIPTION },
      servers: [{ url: publicUrl }],
    });
  let document: ReturnType<typeof describe> | undefined;
  const described = () => (document ??= describe());

  router.get('/', (c) => c.redirect('/docs'));
  router.get('/openapi.json', (c) => c.json(described()));
  router.get('/docs', (c) => c.html(html`<!doctype html>${<Page document={readDocument(described())} />}`));
  return router;
}
