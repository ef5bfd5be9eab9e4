import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { describe, expect, it } from 'vitest';
import { createBareApp } from '../../api/app.ts';
import { createAuth } from '../../api/auth.ts';
import { nativeArea } from '../../api/errors.ts';
import { bodyHashOf, canonicalJson } from '../../api/http/canonical.ts';
import type { AppEnv } from '../../api/http/env.ts';
import { clientAddress, createRateLimiter, limitPerToken } from '../../api/http/rate-limit.ts';
import { createLog } from '../../log.ts';
import { testConfig, tokenFor } from './settings.ts';

const lines: string[] = [];
const log = createLog({ level: 'info', process: 'test', destination: { write: (line) => lines.push(line) } });

function appWith(routes: Hono<AppEnv>) {
  const config = testConfig({
    FRONTEND_URL: 'http://localhost:5173,https://shop.example/',
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
  });
  return createBareApp({ config, log }, [nativeArea]).route('/', routes);
}
const app = appWith(
  new Hono<AppEnv>()
    .get('/carts/:id/items', (c) => c.text('fine'))
    .get('/v1/things', (c) => {
      c.set('bookingId', 'bk_7');
      return c.text('fine');
    })
    .post('/v1/things', (c) => c.text('made'))
    .post('/codec/decode', (c) => c.text('opened')),
);

describe('browsers', () => {
  const allowedOrigin = async (origin: string, path: string) => {
    const preflight = { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' } };
    return (await app.request(path, preflight)).headers.get('Access-Control-Allow-Origin');
  };

  it('of our shops may call us, with credentials', async () => {
    expect(await allowedOrigin('http://localhost:5173', '/v1/things')).toBe('http://localhost:5173');
    expect(await allowedOrigin('https://shop.example', '/v1/things')).toBe('https://shop.example');
    const response = await app.request('/v1/things', { headers: { Origin: 'https://shop.example' } });
    expect(response.headers.get('Access-Control-Allow-Credentials')).toBe('true');
  });

  it('of other sites may not, and the codec is for the Temporal Web UI alone', async () => {
    expect(await allowedOrigin('https://evil.example', '/v1/things')).toBeNull();
    expect(await allowedOrigin('http://localhost:5173', '/codec/decode')).toBeNull();
    expect(await allowedOrigin('http://127.0.0.1:8233', '/v1/things')).toBeNull();
    expect(await allowedOrigin('http://127.0.0.1:8233', '/codec/decode')).toBe('http://127.0.0.1:8233');
  });

  it('are told to sniff nothing, frame nothing and load nothing from elsewhere', async () => {
    const { headers } = await app.request('/v1/nothing');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('X-Frame-Options')).toBe('DENY');
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'self'");
    expect(headers.get('Strict-Transport-Security')).toContain('max-age=');
  });
});

describe('the log line of a request', () => {
  it('has its ids, and no word of what was asked or by whom', async () => {
    lines.length = 0;
    const secrets = { Authorization: 'Bearer very.secret.token', Cookie: 'hf=secret-cookie' };
    const response = await app.request('/v1/things?q=alice@example.org&t=secret-link', { headers: secrets });
    const line = JSON.parse(lines.at(-1) ?? '{}');
    expect(line).toMatchObject({
      level: 'info',
      process: 'test',
      method: 'GET',
      path: '/v1/things',
      status: 200,
      bookingId: 'bk_7',
    });
    expect(line.requestId).toBe(response.headers.get('X-Request-Id'));
    expect(lines.join('')).not.toMatch(/secret|alice/);
  });

  it('does not hand on what holding a cart takes', async () => {
    lines.length = 0;
    await app.request('/carts/0c6f3a52-5d0e-4f0b-9d9c-3f1f8f6f2a11/items');
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ path: '/carts/0c6f3a52…/items', status: 200 });
  });

  it('names nobody to whom a mail server would not deliver', () => {
    lines.length = 0;
    log.warn({ err: new Error('550 5.1.1 <mei.chan@travel.example>: no such mailbox') }, 'not sent');
    expect(lines.join('')).not.toContain('mei.chan');
    expect(lines.join('')).toContain('550 5.1.1 <[address]>: no such mailbox');
  });

  it('keeps a request id that was sent, unless it could forge a line', async () => {
    const idOf = async (sent: string) =>
      (await app.request('/v1/things', { headers: { 'X-Request-Id': sent } })).headers.get('X-Request-Id');
    expect(await idOf('abc-123')).toBe('abc-123');
    expect(await idOf('a"}{"b')).not.toBe('a"}{"b');
    expect(await idOf('x'.repeat(200))).not.toBe('x'.repeat(200));
  });

  it('leaves out what somebody logs by mistake', () => {
    lines.length = 0;
    log.info(
      { headers: { authorization: 'Bearer secret', cookie: 'secret' }, token: 'secret', clientSecret: 'secret' },
      'careless',
    );
    expect(lines.join('')).not.toContain('secret"');
    expect(lines.join('')).toContain('[removed]');
  });
});

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a rate limit', () => {
  it('admits so many per minute and key, says when to come back, and starts over', () => {
    let nowMs = 0;
    const limiter = createRateLimiter({ perMinute: 3, clock: () => new Date(nowMs) });
    const take = (key: string) => limiter.take(key).kind;
    expect([take('a'), take('a'), take('a')]).toEqual(['admitted', 'admitted', 'admitted']);
    nowMs = 20_500;
    expect(limiter.take('a')).toEqual({ kind: 'refused', retryAfterS: 40 });
    expect(take('b')).toBe('admitted');
    nowMs = 60_000;
    expect(take('a')).toBe('admitted');
  });

  it('does not grow without end under a flood of keys', () => {
    const limiter = createRateLimiter({ perMinute: 1, clock: () => new Date(0) });
    limiter.take('first');
    for (let i = 0; i < 20_000; i += 1) limiter.take(`key-${i}`);
    expect(limiter.take('first').kind).toBe('admitted');
    expect(limiter.take('key-19999').kind).toBe('refused');
  });

  it('counts each token by itself and answers 429', async () => {
    const limiter = createRateLimiter({ perMinute: 1, clock: () => new Date(0) });
    const signedIn = createMiddleware<AppEnv>((c, next) => {
      c.set('principal', { sub: 'alice', role: 'customer' });
      return next();
    });
    const routes = new Hono<AppEnv>().post('/v1/things', signedIn, limitPerToken(limiter), (c) => c.text('made', 201));
    const limited = appWith(routes);
    const send = (token: string) =>
      limited.request('/v1/things', { method: 'POST', headers: { Authorization: token } });
    expect([(await send('Bearer a')).status, (await send('Bearer b')).status]).toEqual([201, 201]);
    expect((await send('bearer   a')).status).toBe(429);
    const refused = await send('Bearer a');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toBe('60');
  });

  it('counts a token once, however its signature is spelled: the last two of its bits say nothing', async () => {
    const limiter = createRateLimiter({ perMinute: 1, clock: () => new Date(0) });
    const auth = createAuth(testConfig().auth);
    const routes = new Hono<AppEnv>().post('/v1/things', auth.require(), limitPerToken(limiter), (c) =>
      c.text('made', 201),
    );
    const limited = appWith(routes);
    const token = await tokenFor({ sub: 'alice' });
    const last = BASE64URL.indexOf(token.at(-1) ?? '');
    const statuses = [];
    for (let spelling = 0; spelling < 4; spelling += 1) {
      const respelled = token.slice(0, -1) + BASE64URL.charAt((last & ~3) | spelling);
      const headers = { Authorization: `Bearer ${respelled}` };
      statuses.push((await limited.request('/v1/things', { method: 'POST', headers })).status);
    }
    expect(statuses).toEqual([201, 429, 429, 429]);
  });

  it('counts who has no token by the address', async () => {
    const limiter = createRateLimiter({ perMinute: 1, clock: () => new Date(0) });
    const limited = appWith(
      new Hono<AppEnv>().post('/v1/things', limitPerToken(limiter, 1), (c) => c.text('made', 201)),
    );
    const send = async (address: string) =>
      (await limited.request('/v1/things', { method: 'POST', headers: { 'X-Forwarded-For': address } })).status;
    expect([await send('1.1.1.1'), await send('2.2.2.2'), await send('1.1.1.1')]).toEqual([201, 201, 429]);
  });

  it('counts who only says that there is a token by the address', async () => {
    const limiter = createRateLimiter({ perMinute: 1, clock: () => new Date(0) });
    const limited = appWith(new Hono<AppEnv>().post('/v1/things', limitPerToken(limiter), (c) => c.text('made', 201)));
    const send = async (Authorization: string) =>
      (await limited.request('/v1/things', { method: 'POST', headers: { Authorization } })).status;
    expect([await send('Bearer made-up-1'), await send('Bearer made-up-2')]).toEqual([201, 429]);
  });
});

describe('the address of a caller', () => {
  const address = async (hops: number, forwarded?: string) => {
    const routes = new Hono<AppEnv>().get('/v1/me', (c) => c.text(clientAddress(c, hops)));
    return (
      await appWith(routes).request('/v1/me', {
        headers: forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded },
      })
    ).text();
  };

  it('is what our own proxies say, and nothing that stands further left', async () => {
    expect(await address(0, '1.1.1.1')).toBe('unknown');
    expect(await address(1, '6.6.6.6, 1.1.1.1')).toBe('1.1.1.1');
    expect(await address(2, '6.6.6.6, 1.1.1.1, 2.2.2.2')).toBe('1.1.1.1');
    expect(await address(2, '2.2.2.2')).toBe('2.2.2.2');
    expect(await address(1)).toBe('unknown');
  });
});

describe('the same body', () => {
  it('is the same whatever its order and spaces, and nothing else is', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
    expect(bodyHashOf('{"a":1,"b":2}')).toBe(bodyHashOf('{ "b":2, "a":1 }'));
    expect(bodyHashOf('[1,2]')).not.toBe(bodyHashOf('[2,1]'));
    expect(bodyHashOf('{"a":"1"}')).not.toBe(bodyHashOf('{"a":1}'));
    expect(bodyHashOf('no json')).toBe(bodyHashOf('no json'));
  });
});
