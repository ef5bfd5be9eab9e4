/** @jsxImportSource hono/jsx */
// The OpenAPI document, and the same as a page that needs no script and nothing from elsewhere.
import { html } from 'hono/html';
import type { AppDeps } from './deps.ts';
import { Page } from './docs-page.tsx';
import { readDocument } from './docs-document.ts';
import { withKeys } from './docs-repeating.ts';
import { createRouter } from './http/router.ts';
import type { Router } from './http/router.ts';

const DESCRIPTION = `Bookings that are paid for and delivered even when something fails on the way.
Amounts are integers in minor units unless an endpoint says otherwise; times are ISO 8601 in UTC.
Send \`Idempotency-Key\` where an operation takes it to be able to send the request again: the answer is the same and the effect happens once.`;

/** Mounted last, because it describes what was mounted before; made once, at the first question. */
export function docs(app: Router, { config, idempotent }: Pick<AppDeps, 'config' | 'idempotent'>): Router {
  const { publicUrl, brand } = config;
  const router = createRouter();
  const info = { title: brand, version: '1', description: DESCRIPTION };
  const describe = () => {
    const described = app.getOpenAPI31Document({ openapi: '3.1.0', info, servers: [{ url: publicUrl }] });
    return withKeys(described, app, idempotent);
  };
  let document: ReturnType<typeof describe> | undefined;
  const described = () => (document ??= describe());

  router.get('/', (c) => c.redirect('/docs'));
  router.get('/openapi.json', (c) => c.json(described()));
  router.get('/docs', (c) => c.html(html`<!doctype html>${<Page document={readDocument(described())} />}`));
  return router;
}
