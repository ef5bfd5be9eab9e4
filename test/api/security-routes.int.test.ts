// docs/security.md, held against the API that runs: every route there is, asked by whom it should and should not let in.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { Role } from '../../api/auth.ts';
import type { Router } from '../../api/http/router.ts';
import { describeWith, temporalAddress } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { securedRoutes } from './security-table.ts';
import type { Brake, Door, SecuredRoute } from './security-table.ts';
import { SECRET, tokenFor, WEBHOOK_SECRET } from './settings.ts';
import { WHOSE } from './whose-routes.ts';
import type { Line } from './whose-routes.ts';

const NOWHERE = 'http://127.0.0.1:1';
const ALLOWED = 2;
const LETTERS = 3;
const ROUTES = securedRoutes();

const ENVIRONMENT = {
  RATE_LIMIT_CREATES: String(ALLOWED),
  RATE_LIMIT_BAD_SIGNATURES: String(ALLOWED),
  TRUST_PROXY: '1',
  FRONTEND_URL: 'https://shop.example',
  STRIPE_API_BASE: NOWHERE,
  CHIP_API_BASE: `${NOWHERE}/api/v1`,
  KLOOK_API_BASE: NOWHERE,
  STRIPE_SECRET_KEY: 'sk_test_of_this_house',
  CHIP_API_KEY: 'chip_key_of_this_house',
  KLOOK_API_KEY: 'klook_key_of_this_house',
  SMTP_URL: 'smtp://mailer:mail-password@127.0.0.1:1',
};
const SECRETS = [SECRET, WEBHOOK_SECRET, Buffer.alloc(32, 7).toString('base64'), 'of_this_house', 'mail-password'];

/** What only somebody who reads our sources or our database would know. */
const INSIDE = /node_modules|at \w+ \(|\.ts:\d+|select .* from |postgres:\/\//;

/** Roles with too little to say, and the least that is let in. */
const ROLES: Readonly<Partial<Record<Door, { readonly refused: readonly Role[]; readonly admitted: Role }>>> = {
  token: { refused: [], admitted: 'customer' },
  link: { refused: [], admitted: 'customer' },
  service: { refused: ['customer'], admitted: 'service' },
  staff: { refused: ['customer', 'service'], admitted: 'staff' },
  admin: { refused: ['customer', 'service', 'staff'], admitted: 'admin' },
};

const KIND_OF: Readonly<Record<Line['kind'], string>> = {
  one: 'own',
  claim: 'claim',
  list: 'list',
  outline: 'outline',
  none: 'house',
};

/** As OpenAPI writes a path; what a parameter may look like is not written there. */
const written = (path: string): string =>
  path.replace(/:\w+\{[^/]*\\\.pdf\}/, '{n}.pdf').replaceAll(/:(\w+)(\{[^/]*\})?/g, '{$1}');

/** With ids that nothing has, each of the kind that is wanted there. */
const asked = (path: string): string => path.replace('{paymentIntentId}', 'pi_1').replaceAll(/\{\w+\}/g, '1');

describeWith(['postgres', 'temporal'], 'what docs/security.md says', () => {
  let bench: Bench;
  let app: Router;
  beforeAll(async () => {
    bench = await openBench({ ...ENVIRONMENT, TEMPORAL_ADDRESS: temporalAddress() });
    app = createApp(bench.deps);
  });
  afterAll(() => bench.close());

  interface Asker {
    readonly role?: Role;
    readonly from?: string;
    readonly origin?: string;
  }
  /** One that is signed a second later is another, with an allowance of its own. */
  const tokens = new Map<string, Promise<string>>();
  const keptToken = (role: string, from: string): Promise<string> => {
    const sub = `${role} ${from}`;
    const token = tokens.get(sub) ?? tokenFor({ sub, role });
    tokens.set(sub, token);
    return token;
  };
  const ask = async ({ route }: SecuredRoute, { role, from = '9.9.9.9', origin }: Asker = {}) => {
    const [method = '', path = ''] = route.split(' ');
    const token = role && (await keptToken(role, from));
    return app.request(asked(path), {
      method,
      headers: {
        'X-Forwarded-For': from,
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(origin && { Origin: origin }),
        ...(method !== 'GET' && { 'Content-Type': 'application/json' }),
      },
      // Of no shape that anything wants: whoever is let in is told so, and nothing happens.
      ...(method !== 'GET' && { body: '[]' }),
    });
  };
  let askers = 0;
  const newAddress = (): string => `10.0.${Math.floor((askers += 1) / 250)}.${askers % 250}`;
  const without = (doors: readonly Door[]) => ROUTES.filter(({ door }) => !doors.includes(door));

  it('has a line for every route that is registered, and none too many', () => {
    const registered = app.routes
      .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
      .map(({ method, path }) => `${method} ${written(path)}`);
    const listed = without(['dev']).map(({ route }) => route);
    expect(listed.length).toBeGreaterThan(80);
    expect(listed.toSorted()).toEqual([...new Set(registered)].toSorted());
    expect(ROUTES.length).toBe(new Set(ROUTES.map(({ route }) => route)).size);
  });

  it('says the same of whose booking it is as the test that asks for somebody else’s', () => {
    const said = ROUTES.map(({ route, whose }) => `${route}: ${whose}`);
    const tested = ROUTES.map(({ route }) => `${route}: ${KIND_OF[WHOSE[route]?.kind ?? 'none']}`);
    expect(said).toEqual(tested);
  });

  it('has no door for developers', async () => {
    for (const route of ROUTES.filter(({ door }) => door === 'dev'))
      expect([route.route, (await ask(route)).status]).toEqual([route.route, 404]);
  });

  it.each(ROUTES.filter(({ door }) => ROLES[door]))('$route lets in: $door', async (route) => {
    const { refused = [], admitted } = ROLES[route.door] ?? {};
    expect((await ask(route, { from: newAddress() })).status).toBe(401);
    for (const role of refused)
      expect([role, (await ask(route, { role, from: newAddress() })).status]).toEqual([role, 403]);
    const { status } = await ask(route, { role: admitted ?? 'admin', from: newAddress() });
    expect([401, 403]).not.toContain(status);
  });

  it('lets nobody in by a signature that is not there, and everybody else where nothing is kept', async () => {
    for (const route of without(['dev']).filter(({ door }) => !ROLES[door])) {
      const { status } = await ask(route, { from: newAddress() });
      const isOpen = ['anybody', 'browser'].includes(route.door) && !route.route.startsWith('POST /cart');
      const expected =
        route.door === 'signature' ? [400, 401] : isOpen ? [200, 302, 303, 502, 503] : [201, 303, 400, 404, 428];
      expect([route.route, expected.includes(status) ? 'as said' : status]).toEqual([route.route, 'as said']);
    }
  });

  const FREE: Readonly<Record<Exclude<Brake, ''>, number>> = { creates: ALLOWED, forged: ALLOWED, letters: LETTERS };

  it.each(without(['dev']))('$route has a brake: $brake', async (route) => {
    const { brake, door } = route;
    const from = newAddress();
    const role = ROLES[door]?.admitted;
    const allowed = brake === '' ? LETTERS + 1 : FREE[brake];
    for (let times = 0; times < allowed; times += 1)
      expect((await ask(route, { from, ...(role && { role }) })).status).not.toBe(429);
    const next = await ask(route, { from, ...(role && { role }) });
    expect(next.status === 429).toBe(brake !== '');
    expect(next.status !== 429 || next.headers.has('Retry-After')).toBe(true);
    // Nobody else is held up by it.
    expect((await ask(route, { from: newAddress(), ...(role && { role }) })).status).not.toBe(429);
  });

  it('is answered by no route without what browsers must be told, nor to a page of somebody else', async () => {
    for (const route of ROUTES) {
      const { headers, status } = await ask(route, { from: newAddress(), origin: 'https://evil.example' });
      const told = {
        route: route.route,
        sniffing: headers.get('X-Content-Type-Options'),
        framing: headers.get('X-Frame-Options'),
        referrer: /^(no-referrer|same-origin)$/.test(headers.get('Referrer-Policy') ?? ''),
        transport: headers.get('Strict-Transport-Security')?.startsWith('max-age='),
        policy: headers.get('Content-Security-Policy')?.includes("frame-ancestors 'none'"),
        foreign: headers.get('Access-Control-Allow-Origin'),
        program: headers.get('Server') ?? headers.get('X-Powered-By'),
        id: headers.has('X-Request-Id'),
        cached: /public|no-cache/.test(headers.get('Cache-Control') ?? 'public') && !route.route.includes('/assets/'),
      };
      expect(told).toEqual({
        route: route.route,
        sniffing: 'nosniff',
        framing: 'DENY',
        referrer: true,
        transport: true,
        policy: true,
        foreign: null,
        program: null,
        id: true,
        // The same for everybody, and only when there is something to keep.
        cached: route.route === 'GET /checkout/payment-methods' && status === 200,
      });
      const ours = await ask(route, { from: newAddress(), origin: 'https://shop.example' });
      const allowed = route.route.includes('/codec/') ? null : 'https://shop.example';
      expect([route.route, ours.headers.get('Access-Control-Allow-Origin')]).toEqual([route.route, allowed]);
    }
  });

  it('is answered, and logged, without a secret, a token or the inside of the program', async () => {
    bench.lines.length = 0;
    const token = await tokenFor({ sub: 'mallory', role: 'admin' });
    for (const route of without(['dev'])) {
      for (const role of [undefined, 'customer', 'admin'] as const) {
        if (role && route.route.endsWith('/events')) continue;
        const answer = await ask(route, { from: newAddress(), ...(role && { role }) });
        const text = `${await answer.text()} ${JSON.stringify([...answer.headers])}`;
        expect([route.route, SECRETS.filter((secret) => text.includes(secret))]).toEqual([route.route, []]);
        expect([route.route, INSIDE.exec(text)?.[0]]).toEqual([route.route, undefined]);
      }
    }
    await app.request(`/v1/bookings/bk_1?t=${token}`, { headers: { Cookie: `t=${token}` } });
    const logged = bench.lines.join('\n');
    expect(bench.lines.length).toBeGreaterThan(ROUTES.length);
    expect([...SECRETS, token].filter((secret) => logged.includes(secret))).toEqual([]);
  });
});
