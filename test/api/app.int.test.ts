import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../api/app.ts';
import type { Router } from '../../api/http/router.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';

const Operation = z.looseObject({
  summary: z.string().min(1),
  responses: z.record(z.string(), z.unknown()),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.looseObject({ name: z.string() })).default([]),
});
const Token = z.object({ token: z.string() });
const Secured = z.looseObject({ bearer: z.array(z.string()).optional() });
const Document = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ securitySchemes: z.record(z.string(), z.unknown()) }),
});

/** Not of the API's contract: the document and its page, and what pages load. */
const UNDESCRIBED = ['/', '/openapi.json', '/docs', '/assets/shop.css', '/assets/cart.js'];

/** A parameter that only fits numbered files is written {n}.pdf in OpenAPI; what else one fits is not written there. */
const withoutNames = (path: string): string =>
  path
    .replace(/:\w+\{.*\\\.pdf\}/, '*.pdf')
    .replace(/:\w+\{.*\}$/, '*')
    .replaceAll(/:\w+/g, '*');

/** With ids that nothing has, each of the kind that is wanted there. */
const filledIn = (path: string): string => path.replace('{paymentIntentId}', 'pi_1').replaceAll(/\{\w+\}/g, '1');

describeWith('postgres', 'the whole API', () => {
  let bench: Bench;
  let app: Router;
  let document: z.infer<typeof Document>;
  beforeAll(async () => {
    bench = await openBench({ DEV_ROUTES: 'true' });
    app = createApp(bench.deps);
    document = Document.parse(await (await app.request('/openapi.json')).json());
  });
  afterAll(() => bench.close());
  const tokenOf = async (claims: object): Promise<string> => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await app.request('/dev/tokens', { method: 'POST', headers, body: JSON.stringify(claims) });
    return Token.parse(await response.json()).token;
  };

  it('describes every route it has, in OpenAPI 3.1', () => {
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '*')}`),
    );
    const routed = app.routes
      .filter(({ method, path }) => method !== 'ALL' && !path.includes('*') && !UNDESCRIBED.includes(path))
      .map(({ method, path }) => `${method} ${withoutNames(path)}`);
    expect(routed.length).toBeGreaterThan(8);
    expect([...new Set(routed)].filter((route) => !described.includes(route))).toEqual([]);
  });

  it('offers on every path only the methods that it describes, and says which', async () => {
    const fixed = Object.entries(document.paths).filter(([path]) => !path.includes('{'));
    expect(fixed.length).toBeGreaterThan(15);
    const headers = { Authorization: `Bearer ${await tokenOf({ sub: 'sue', role: 'staff' })}` };
    for (const [path, item] of fixed) {
      const offered = Object.keys(item).map((method) => method.toUpperCase());
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'].filter((name) => !offered.includes(name))) {
        const answer = await app.request(path, { method, headers });
        const allowed = answer.headers.get('Allow')?.replace('GET, HEAD', 'GET').split(', ');
        expect([method, path, answer.status, allowed]).toEqual([method, path, 405, offered]);
      }
    }
  });

  it('says of every operation with a token which scheme that is', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    const used = Object.values(document.paths).flatMap((item) =>
      Object.values(item).flatMap(({ security }) => security?.flatMap((need) => Object.keys(need ?? {})) ?? []),
    );
    expect(used.length).toBeGreaterThan(0);
    expect([...new Set(used)].filter((name) => !schemes.includes(name))).toEqual([]);
  });

  it('refuses who has no token wherever the document says that one is needed', async () => {
    const secured = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, { security }]) => JSON.stringify(security ?? []).includes('bearer'))
        .map(([method]) => ({ path: filledIn(path), method: method.toUpperCase() })),
    );
    expect(secured.length).toBeGreaterThan(3);
    for (const { path, method } of secured) {
      const response = await app.request(path, {
        method,
        ...(method === 'POST' && { body: '{}', headers: { 'Content-Type': 'application/json' } }),
      });
      expect(`${method} ${path} ${response.status}`).toBe(`${method} ${path} 401`);
    }
  });

  it('names the roles an operation takes, and lets in no other', async () => {
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { security = [] }]) =>
        Secured.array()
          .parse(security)
          .flatMap(({ bearer }) => (bearer ? [{ path, method: method.toUpperCase(), roles: bearer }] : [])),
      ),
    );
    expect(operations.filter(({ roles }) => roles.length > 0).length).toBeGreaterThan(5);
    const token = await tokenOf({ sub: 'eve' });
    for (const { path, method, roles } of operations) {
      const response = await app.request(filledIn(path), {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
      });
      const closed = /Your role does not allow|User not authorized/.test(await response.text());
      expect(`${method} ${path} ${closed ? 'closed' : 'open'} to customers`).toBe(
        `${method} ${path} ${roles.length > 0 ? 'closed' : 'open'} to customers`,
      );
    }
    expect(await (await app.request('/docs')).text()).toContain('Needs a bearer token with role staff or admin.');
  });

  it('says of each request whether it may be sent again under a key', async () => {
    const admin = await tokenOf({ sub: 'ada', role: 'admin' });
    const posts = Object.entries(document.paths).flatMap(([path, { post }]) => (post ? [{ path, post }] : []));
    const told = posts.filter(({ post }) => post.parameters.some(({ name }) => name === 'Idempotency-Key'));
    expect(told.length).toBeGreaterThan(20);
    for (const { path, post } of posts) {
      const response = await app.request(filledIn(path), {
        method: 'POST',
        body: '{}',
        headers: {
          'Content-Type': 'application/json',
          'Idempotency-Key': 'k'.repeat(256),
          ...(post.security && { Authorization: `Bearer ${admin}` }),
        },
      });
      const minded = (await response.text()).includes('Idempotency-Key');
      expect([path, minded]).toEqual([path, told.some((each) => each.path === path)]);
    }
  });

  it('leads whoever comes to its door to the page', async () => {
    const response = await app.request('/');
    expect([response.status, response.headers.get('Location')]).toEqual([302, '/docs']);
  });

  it('shows the same on a page that loads nothing from elsewhere', async () => {
    const page = await (await app.request('/docs')).text();
    for (const path of Object.keys(document.paths)) expect(page).toContain(path);
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).not.toMatch(/<script|<link|src=|@import|url\(/);
    expect(page).toContain('-d &#39;{');
    expect(page).toContain('&quot;cart_id&quot;: &quot;&#39;&quot;$CART_ID&quot;&#39;&quot;');
  });
});
