import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createRoute, z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBareApp } from '../../api/app.ts';
import { nativeArea, STOREFRONT_STATUSES, VisibleError } from '../../api/errors.ts';
import { KeyDestroyed } from '../../db/keyring.ts';
import { GatewayUnreachable } from '../../domain/payment.ts';
import type { ErrorArea, ErrorKind } from '../../api/errors.ts';
import { createRouter, json, jsonBody, refusals } from '../../api/http/router.ts';
import { createLog } from '../../log.ts';
import { testConfig } from './settings.ts';

const shopArea: ErrorArea = {
  name: 'shop',
  prefixes: ['/shop', '/v1/shop'],
  statuses: STOREFRONT_STATUSES,
  body: (error) => ({ success: false, message: error.publicMessage, ...(error.fields && { errors: error.fields }) }),
  schema: z.object({ success: z.literal(false), message: z.string() }),
};

const lines: string[] = [];
const log = createLog({ level: 'info', process: 'test', destination: { write: (line) => lines.push(line) } });

function appThat(fails: () => never) {
  const router = createRouter();
  const request = { body: jsonBody(z.object({ count: z.int(), inner: z.object({ name: z.string() }) })) };
  const responses = {
    200: json('Fine', z.object({ ok: z.boolean() })),
    ...refusals(nativeArea, 'invalid', 'not_json'),
  };
  for (const path of ['/v1/things', '/shop/things'] as const) {
    router.openapi(createRoute({ method: 'post', path, request, responses }), (c) => c.json({ ok: true }, 200));
    router.get(path, () => fails());
  }
  return createBareApp({ config: testConfig(), log }, [nativeArea, shopArea]).route('/', router);
}

const throwing = (error: Error) =>
  appThat(() => {
    throw error;
  });
const post = (path: string, body: string, type = 'application/json') =>
  appThat(() => expect.unreachable()).request(path, { method: 'POST', body, headers: { 'Content-Type': type } });

describe('a refusal has the shape of the area it happens in', () => {
  it.each<[ErrorKind, number, number]>([
    ['not_json', 400, 400],
    ['unauthenticated', 401, 401],
    ['forbidden', 403, 403],
    ['not_found', 404, 404],
    ['conflict', 409, 409],
    ['invalid', 422, 400],
    ['unacceptable', 422, 400],
    ['key_reused', 422, 409],
    ['rate_limited', 429, 429],
    ['not_ready', 503, 503],
  ])('%s is %d on the native API and %d in a shop', async (kind, native, shop) => {
    const app = throwing(new VisibleError(kind, 'In words.'));
    expect((await app.request('/v1/things')).status).toBe(native);
    expect((await app.request('/shop/things')).status).toBe(shop);
  });

  it('is a problem document on the native API', async () => {
    const error = new VisibleError('unacceptable', 'Too dear.', { code: 'price', fields: { amount: ['is 3, not 2'] } });
    const response = await throwing(error).request('/v1/things');
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({
      type: 'urn:holdfast:error:price',
      title: 'The request cannot be accepted',
      status: 422,
      code: 'price',
      detail: 'Too dear.',
      errors: [{ field: 'amount', message: 'is 3, not 2' }],
      retryable: false,
    });
  });

  it('covers unknown routes, wherever the longest prefix says they belong', async () => {
    const app = throwing(new Error('unused'));
    expect(await (await app.request('/shop/nothing')).json()).toEqual({
      success: false,
      message: 'There is nothing here.',
    });
    expect(await (await app.request('/v1/shop')).json()).toHaveProperty('success', false);
    expect(await (await app.request('/shopping')).json()).toHaveProperty('code', 'not_found');
    expect(await (await app.request('/v1/nothing')).json()).toHaveProperty('code', 'not_found');
  });

  it('covers methods that a path does not offer, and names those it does', async () => {
    const response = await throwing(new Error('unused')).request('/shop/things', { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'POST']);
    expect(await response.json()).toEqual({ success: false, message: 'This method is not offered here.' });
  });

  it('keeps a 404 that a route answers itself, although the path has other methods', async () => {
    const response = await throwing(new VisibleError('not_found', 'No such thing.')).request('/v1/things');
    expect(response.status).toBe(404);
    expect(await response.json()).toHaveProperty('detail', 'No such thing.');
  });

  it('says how long to wait', async () => {
    const response = await throwing(new VisibleError('not_ready', 'Soon.', { retryAfterS: 2 })).request('/shop/things');
    expect(response.headers.get('Retry-After')).toBe('2');
  });
});

describe('a body', () => {
  it.each([
    ['is cut off', '{"count": 1', 'application/json'],
    ['is empty', '', 'application/json'],
    ['calls itself something else', '{"count":1,"inner":{"name":"a"}}', 'text/plain'],
    ['is a form', 'count=1', 'application/x-www-form-urlencoded'],
  ])('that %s is no JSON: 400', async (_name, body, type) => {
    const response = await post('/v1/things', body, type);
    expect(response.status).toBe(400);
    expect(await response.json()).toHaveProperty('code', 'not_json');
  });

  it('with wrong or missing fields is refused with each field named', async () => {
    const native = await post('/v1/things', '{"count":"two","inner":{}}');
    expect(native.status).toBe(422);
    const { errors } = z.object({ errors: z.array(z.object({ field: z.string() })) }).parse(await native.json());
    expect(errors.map(({ field }) => field)).toEqual(['count', 'inner.name']);
    const shop = await post('/shop/things', '[]');
    expect(shop.status).toBe(400);
    expect(await shop.json()).toHaveProperty('errors.body');
  });

  it('may hold fields nobody asked for', async () => {
    const response = await post('/shop/things', '{"count":2,"inner":{"name":"a","x":1},"y":{}}');
    expect(response.status).toBe(200);
  });

  it('over 1 MiB is refused in the shape of the area', async () => {
    const response = await post('/shop/things', JSON.stringify({ count: 1, inner: { name: 'x'.repeat(1_048_577) } }));
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ success: false, message: 'The body is larger than 1 MiB.' });
  });
});

describe('over a socket', () => {
  let server: ReturnType<typeof serve>;
  let port = 0;
  beforeAll(async () => {
    port = await new Promise((resolve) => {
      server = serve(
        { fetch: throwing(new Error('unused')).fetch, hostname: '127.0.0.1', port: 0 },
        (at: AddressInfo) => resolve(at.port),
      );
    });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('a chunked body is counted while it comes in, and the connection is answered', async () => {
    const chunk = 'x'.repeat(65_536);
    const stream = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 20; i += 1) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });
    const init = {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { 'Content-Type': 'application/json' },
    } as const;
    const response = await fetch(`http://127.0.0.1:${port}/shop/things`, init);
    expect(response.status).toBe(413);
  });

  it('an announced length is believed before the body is read', async () => {
    const head =
      'POST /shop/things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2097152\r\n\r\n';
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(head));
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('what nobody expected', () => {
  it('is told in words that say nothing about us, and logged with its request id', async () => {
    lines.length = 0;
    const cause = Object.assign(new Error('relation "bookings" does not exist'), { code: '42P01' });
    const error = new Error('Failed query: select secret from bookings\nparams: alice@example.org', { cause });
    const response = await throwing(error).request('/shop/things', { headers: { 'X-Request-Id': 'req-42' } });
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(body).not.toMatch(/select|bookings|alice|at /);
    expect(response.headers.get('X-Request-Id')).toBe('req-42');
    const failure = lines.find((line) => line.includes('request failed')) ?? '';
    expect(failure).toContain('"requestId":"req-42"');
    expect(failure).toContain('42P01');
    expect(failure).not.toContain('alice@example.org');
  });

  it.each([
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
  ])('is 503 when it is the database that cannot be reached: %s', async (cause) => {
    const error = new Error('Failed query', { cause });
    const response = await throwing(error).request('/v1/things');
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('2');
    expect(await response.json()).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('says so where what it needed was erased', async () => {
    const error = new Error('an update was not sent', { cause: new KeyDestroyed('the key bk_1 was destroyed') });
    const response = await throwing(error).request('/v1/things');
    expect([response.status, await response.json()]).toMatchObject([409, { code: 'erased', retryable: false }]);
  });

  it('asks to come again when a gateway cannot be asked', async () => {
    const response = await throwing(new GatewayUnreachable('ECONNRESET at 10.0.0.1')).request('/v1/things');
    expect(response.headers.get('Retry-After')).toBe('2');
    const problem = await response.json();
    expect(problem).toMatchObject({ code: 'provider_error', retryable: true });
    expect(JSON.stringify(problem)).not.toContain('10.0.0.1');
  });

  it('is the client’s fault when a text holds what PostgreSQL cannot store', async () => {
    const error = new Error('Failed query', { cause: Object.assign(new Error('0x00'), { code: '22021' }) });
    expect((await throwing(error).request('/v1/things')).status).toBe(422);
  });
});
