import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createBareApp } from '../../api/app.ts';
import { createAuth } from '../../api/auth.ts';
import { nativeArea } from '../../api/errors.ts';
import type { AppEnv } from '../../api/http/env.ts';
import { createLinks, LONGEST_LINK_MS, requireAccess, tokenOrLink } from '../../api/links.ts';
import { createLog } from '../../log.ts';
import { bearer, SECRET, testConfig } from './settings.ts';

const START = Date.parse('2026-11-21T10:00:00Z');
let nowMs = START;
const clock = () => new Date(nowMs);
const key = (fill: number) => ({ bytes: Buffer.alloc(32, fill) });
const links = createLinks({ masterKeys: [key(1)], clock });
const BOOKING = 'bk_1abc';

const lines: string[] = [];
const app = (() => {
  const log = createLog({ level: 'info', process: 'test', destination: { write: (line) => lines.push(line) } });
  const auth = createAuth({ secret: SECRET, jwksUrl: undefined, issuer: undefined, audience: undefined });
  const door = tokenOrLink({ auth, links, purpose: 'documents', secure: false, bookingIdOf: (c) => c.req.param('id') });
  const routes = new Hono<AppEnv>().get('/v1/bookings/:id/receipt.pdf', door, (c) => {
    requireAccess(c, { id: c.req.param('id'), storefront: 'trektoo', ownerSub: 'alice' });
    return c.text('a receipt');
  });
  return createBareApp({ config: testConfig(), log }, [nativeArea]).route('/', routes);
})();

const get = (query = '', headers: Record<string, string> = {}, id = BOOKING) =>
  app.request(`/v1/bookings/${id}/receipt.pdf${query}`, { headers });

describe('a browser link', () => {
  it('is exchanged for a cookie that page scripts cannot read, and leaves the address bar', async () => {
    const token = links.sign({ bookingId: BOOKING, purpose: 'documents' });
    lines.length = 0;
    const response = await get(`?download=1&t=${token}`);
    expect(response.status).toBe(303);
    expect(response.headers.get('Location')).toBe(`/v1/bookings/${BOOKING}/receipt.pdf?download=1`);
    const cookie = response.headers.get('Set-Cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(lines.join('')).not.toContain(token);
    const opened = await get('', { Cookie: cookie.split(';')[0] ?? '' });
    expect(await opened.text()).toBe('a receipt');
  });

  it('opens its own booking and purpose only', async () => {
    const other = links.sign({ bookingId: 'bk_2', purpose: 'documents' });
    const cookie = { Cookie: `hf_documents_${BOOKING}=${other}; hf_documents_bk_2=${other}` };
    expect((await get('', cookie)).status).toBe(401);
    expect((await get(`?t=${links.sign({ bookingId: BOOKING, purpose: 'pay' })}`)).status).toBe(401);
  });

  it('ends after the time it was given, and after a day at the latest', () => {
    const short = links.sign({ bookingId: BOOKING, purpose: 'pay' }, 60_000);
    const long = links.sign({ bookingId: BOOKING, purpose: 'pay' }, 10 * LONGEST_LINK_MS);
    nowMs = START + 61_000;
    expect(links.verify(short)).toBeUndefined();
    expect(links.verify(long)?.bookingId).toBe(BOOKING);
    nowMs = START + LONGEST_LINK_MS + 1_000;
    expect(links.verify(long)).toBeUndefined();
    nowMs = START;
  });

  it('cannot be changed in any part', () => {
    const token = links.sign({ bookingId: BOOKING, purpose: 'view' });
    expect(links.verify(token)).toMatchObject({ bookingId: BOOKING, purpose: 'view' });
    const [id, purpose, expires, mac] = token.split('.');
    const changed = [
      `bk_1abd.${purpose}.${expires}.${mac}`,
      `${id}.pay.${expires}.${mac}`,
      `${id}.${purpose}.${Number(expires) + 1}.${mac}`,
    ];
    for (const each of [...changed, `${token}x`, '', 'a.b.c.d']) expect(links.verify(each)).toBeUndefined();
  });

  it('survives the rotation of the master key, but not its removal', () => {
    const token = links.sign({ bookingId: BOOKING, purpose: 'view' });
    expect(createLinks({ masterKeys: [key(2), key(1)], clock }).verify(token)).toBeDefined();
    expect(createLinks({ masterKeys: [key(2)], clock }).verify(token)).toBeUndefined();
  });

  it('is not needed by who has a token', async () => {
    expect((await get('', await bearer({ sub: 'alice' }))).status).toBe(200);
    expect((await get('', await bearer({ sub: 'bob' }))).status).toBe(403);
    expect((await get()).status).toBe(401);
  });
});
