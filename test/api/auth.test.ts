import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Hono } from 'hono';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBareApp } from '../../api/app.ts';
import { createAuth, mayAct, principalOf, STAFF } from '../../api/auth.ts';
import type { AuthConfig, Principal, Requirement } from '../../api/auth.ts';
import { nativeArea } from '../../api/errors.ts';
import { devTokens } from '../../api/tokens.ts';
import type { AppEnv } from '../../api/http/env.ts';
import { createLog } from '../../log.ts';
import { bearer, SECRET, testConfig, tokenFor } from './settings.ts';

const SHARED: AuthConfig = { secret: SECRET, jwksUrl: undefined, issuer: undefined, audience: undefined };
const log = createLog({ level: 'silent', process: 'test' });

function door(config: AuthConfig, requirement?: Requirement) {
  const routes = new Hono<AppEnv>().get('/v1/me', createAuth(config).require(requirement), (c) =>
    c.json(principalOf(c)),
  );
  return createBareApp({ config: testConfig(), log }, [nativeArea]).route('/', routes);
}

const ask = (config: AuthConfig, authorization: string | undefined, requirement?: Requirement) =>
  door(config, requirement).request('/v1/me', {
    headers: authorization === undefined ? {} : { Authorization: authorization },
  });

describe('a token signed with our secret', () => {
  it('lets its bearer in, a customer unless it says more', async () => {
    const response = await ask(SHARED, `Bearer ${await tokenFor({ sub: 'alice', email: 'a@example.org' })}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ sub: 'alice', role: 'customer', email: 'a@example.org' });
  });

  it.each([
    ['none', undefined],
    ['another scheme', 'Basic YTpi'],
    ['no token', 'Bearer '],
    ['no JWT', 'Bearer abc'],
    ['three parts of nothing', 'Bearer a.b.c'],
  ])('is missed: %s', async (_name, authorization) => {
    const response = await ask(SHARED, authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
    expect(await response.json()).toHaveProperty('code', 'unauthorized');
  });

  it.each<[string, () => Promise<string> | string]>([
    ['signed with another secret', () => tokenFor({ sub: 'alice' }, { secret: 'another secret altogether' })],
    ['expired', () => tokenFor({ sub: 'alice' }, { expiresIn: '-1s' })],
    ['good for ever', () => tokenFor({ sub: 'alice' }, { expiresIn: null })],
    ['about nobody', () => tokenFor({ role: 'staff' })],
    ['of an unknown role', () => tokenFor({ sub: 'alice', role: 'root' })],
    ['of an unknown storefront', () => tokenFor({ sub: 'alice', storefront: 'elsewhere' })],
    ['unsigned', () => new UnsecuredJWT({ sub: 'alice', role: 'admin' }).setExpirationTime('5m').encode()],
    [
      'of another HMAC',
      () =>
        new SignJWT({ sub: 'alice' })
          .setProtectedHeader({ alg: 'HS512' })
          .setExpirationTime('5m')
          .sign(new TextEncoder().encode(SECRET)),
    ],
  ])('is no good: %s', async (_name, make) => {
    expect((await ask(SHARED, `Bearer ${await make()}`)).status).toBe(401);
  });

  it('is checked for issuer and audience when those are configured', async () => {
    const config = { ...SHARED, issuer: 'https://id.example', audience: 'holdfast' };
    const good = await tokenFor({ sub: 'alice', iss: 'https://id.example', aud: ['x', 'holdfast'] });
    expect((await ask(config, `Bearer ${good}`)).status).toBe(200);
    const others = [
      { iss: 'https://id.example' },
      { aud: 'holdfast' },
      { iss: 'https://other.example', aud: 'holdfast' },
    ];
    for (const claims of others) {
      expect((await ask(config, `Bearer ${await tokenFor({ sub: 'alice', ...claims })}`)).status).toBe(401);
    }
  });
});

describe('roles and storefronts', () => {
  it.each([
    ['customer', 403],
    ['service', 403],
    ['staff', 200],
    ['admin', 200],
  ])('%s at a door for staff: %d', async (role, status) => {
    expect((await ask(SHARED, `Bearer ${await tokenFor({ sub: 'x', role })}`, { roles: STAFF })).status).toBe(status);
  });

  it('a token limited to one storefront stays out of the others', async () => {
    const limited = `Bearer ${await tokenFor({ sub: 'x', storefront: 'cart' })}`;
    expect((await ask(SHARED, limited, { storefront: 'trektoo' })).status).toBe(403);
    expect((await ask(SHARED, limited, { storefront: 'cart' })).status).toBe(200);
  });

  const booking = { storefront: 'trektoo', ownerSub: 'alice' } as const;
  it.each<[string, Principal, boolean]>([
    ['its owner', { sub: 'alice', role: 'customer' }, true],
    ['another customer', { sub: 'bob', role: 'customer' }, false],
    ['the same name on another storefront', { sub: 'alice', role: 'customer', storefront: 'cart' }, false],
    ['staff', { sub: 'sam', role: 'staff' }, true],
    ['staff of another storefront', { sub: 'sam', role: 'staff', storefront: 'cart' }, false],
    ['a service', { sub: 'svc', role: 'service' }, true],
  ])('a booking is acted on by %s: %o → %s', (_name, principal, may) => {
    expect(mayAct(principal, booking)).toBe(may);
  });
});

describe('published keys', () => {
  let server: Server;
  let jwksUrl = '';
  let broken = false;
  const keys: Record<string, Awaited<ReturnType<typeof generateKeyPair>>['privateKey']> = {};
  let rsaPublicPem = '';

  beforeAll(async () => {
    const published: object[] = [];
    for (const alg of ['RS256', 'ES256', 'PS256']) {
      const pair = await generateKeyPair(alg, { extractable: true });
      keys[alg] = pair.privateKey;
      published.push({ ...(await exportJWK(pair.publicKey)), kid: alg, alg });
      if (alg === 'RS256') rsaPublicPem = JSON.stringify(await exportJWK(pair.publicKey));
    }
    server = createServer((_request, response) => {
      response
        .writeHead(broken ? 500 : 200, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    jwksUrl = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/jwks` : '';
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const only = (): AuthConfig => ({ ...SHARED, secret: undefined, jwksUrl });
  const signed = (alg: string): Promise<string> => {
    const key = keys[alg];
    if (!key) throw new Error(`no ${alg} key`);
    return new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg, kid: alg }).setExpirationTime('5m').sign(key);
  };

  it.each([
    ['RS256', 200],
    ['ES256', 200],
    ['PS256', 401],
  ])('%s: %d', async (alg, status) => {
    expect((await ask(only(), `Bearer ${await signed(alg)}`)).status).toBe(status);
  });

  it('make a shared secret worthless unless one is configured as well', async () => {
    const token = `Bearer ${await tokenFor({ sub: 'alice' })}`;
    expect((await ask(only(), token)).status).toBe(401);
    expect((await ask({ ...SHARED, jwksUrl }, token)).status).toBe(200);
    expect((await ask({ ...SHARED, jwksUrl }, `Bearer ${await signed('ES256')}`)).status).toBe(200);
  });

  it('are never taken for a secret', async () => {
    const forged = await tokenFor({ sub: 'alice', role: 'admin' }, { secret: rsaPublicPem });
    expect((await ask({ ...SHARED, jwksUrl }, `Bearer ${forged}`)).status).toBe(401);
  });

  it('that cannot be fetched are our trouble: 503', async () => {
    broken = true;
    const response = await ask(only(), `Bearer ${await signed('RS256')}`);
    broken = false;
    expect(response.status).toBe(503);
  });
});

describe('tokens for development', () => {
  const shop = (environment: Record<string, string>) => {
    const config = testConfig(environment);
    return createBareApp({ config, log }, [nativeArea]).route('/', devTokens(config));
  };
  const request = (app: ReturnType<typeof shop>, host = 'localhost') =>
    app.request(`http://${host}/dev/tokens`, {
      method: 'POST',
      body: JSON.stringify({ sub: 'alice', role: 'staff' }),
      headers: { 'Content-Type': 'application/json' },
    });

  it('open the doors they name', async () => {
    const response = await request(shop({ DEV_ROUTES: 'true' }));
    expect(response.status).toBe(200);
    const { token } = (await response.json()) as { token: string };
    expect((await ask(SHARED, `Bearer ${token}`, { roles: STAFF })).status).toBe(200);
  });

  it('are not to be had without DEV_ROUTES, nor under a name from elsewhere', async () => {
    expect((await request(shop({}))).status).toBe(404);
    expect((await request(shop({ DEV_ROUTES: 'true' }), 'rebound.example')).status).toBe(404);
  });

  it.each<[string, Record<string, string>]>([
    ['in production', { NODE_ENV: 'production' }],
    ['beside a live key', { STRIPE_SECRET_KEY: 'sk_live_x' }],
    ['beyond this machine', { HOST: '0.0.0.0' }],
  ])('cannot be switched on %s', (_name, environment) => {
    expect(() => testConfig({ DEV_ROUTES: 'true', ...environment })).toThrow(/DEV_ROUTES/);
  });
});

it('a bad token is refused even where none is needed', async () => {
  const routes = new Hono<AppEnv>().get('/v1/public', createAuth(SHARED).optional, (c) =>
    c.json({ sub: c.get('principal')?.sub ?? null }),
  );
  const app = createBareApp({ config: testConfig(), log }, [nativeArea]).route('/', routes);
  expect(await (await app.request('/v1/public')).json()).toEqual({ sub: null });
  expect(await (await app.request('/v1/public', { headers: await bearer({ sub: 'alice' }) })).json()).toEqual({
    sub: 'alice',
  });
  expect((await app.request('/v1/public', { headers: { Authorization: 'Bearer a.b.c' } })).status).toBe(401);
});
