import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipSim } from '../../sim/chip/server.ts';
import { describeWith } from '../setup/parts.ts';
import { purchaseBody } from '../sim/chip-bench.ts';
import { post } from '../sim/http.ts';
import { NOBODY } from './cart-lives.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const PAID = '/dev/webhooks/chip/purchase.paid';

describeWith('postgres', 'the switch that lets the stand-in for CHIP speak', () => {
  let chip: ChipSim;
  let shop: Shop;
  let purchase: string;
  beforeAll(async () => {
    chip = await startChip();
    shop = await openShop({ CHIP_API_BASE: `${chip.url}/api/v1`, DEV_ROUTES: 'true' });
    const body = JSON.stringify(purchaseBody({ reference: 'cart-7' }, 'http://127.0.0.1:1/callback'));
    const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' };
    const made = await fetch(`${chip.url}/api/v1/purchases/`, { method: 'POST', headers, body });
    const answer: unknown = await made.json();
    purchase = String(Object(answer).id);
  });
  afterAll(async () => {
    await shop.close();
    await chip.close();
  });

  it.each([
    ['the purchase', () => ({ purchase_id: purchase })],
    ['its reference', () => ({ reference: 'cart-7' })],
    ['one channel of two', () => ({ reference: 'cart-7', channel: 'success_callback' })],
  ])('makes the purchase paid and tells of it, named by %s', async (_, named) => {
    const answer = await shop.send('POST', PAID, { ...NOBODY, body: named() });
    expect([answer.status, answer.body]).toMatchObject([200, { type: 'purchase.paid', object: { id: purchase } }]);
    expect(chip.state.purchases.get(purchase)?.status).toBe('paid');
  });

  it.each<[string, string, unknown, number, string]>([
    ['no purchase named', PAID, {}, 400, 'invalid'],
    ['a channel there is none of', PAID, { reference: 'cart-7', channel: 'pigeon' }, 400, 'invalid'],
    ['no JSON', PAID, 'reference=cart-7', 400, 'not_json'],
    ['no event', '/dev/webhooks/chip/paid', { reference: 'cart-7' }, 400, 'invalid'],
    ['an event there is none of', '/dev/webhooks/chip/purchase.eaten', { reference: 'cart-7' }, 400, 'invalid'],
    ['a purchase there is none of', PAID, { reference: 'cart-8' }, 400, 'invalid'],
  ])('says what is wrong: %s', async (_, path, body, status, code) => {
    const answer = await shop.send('POST', path, { ...NOBODY, body });
    expect([answer.status, answer.body]).toMatchObject([status, { success: false, error: { code } }]);
  });

  it('is there for this machine alone, whatever name it is reached by', async () => {
    const answer = await shop.send('POST', `http://shop.example${PAID}`, { ...NOBODY, body: { reference: 'cart-7' } });
    expect([answer.status, answer.body]).toMatchObject([404, { error: { code: 'not_found' } }]);
  });

  it.each<[string, Record<string, string>]>([
    ['CHIP is CHIP', { DEV_ROUTES: 'true', CHIP_API_BASE: 'https://gate.chip-in.asia/api/v1' }],
    ['nobody develops here', { CHIP_API_BASE: 'http://127.0.0.1:1/api/v1', DEV_ROUTES: 'false' }],
  ])('is not there where %s', async (_, environment) => {
    const other = await openShop(environment);
    const answer = await other.send('POST', PAID, { ...NOBODY, body: { reference: 'cart-7' } });
    expect([answer.status, answer.body]).toMatchObject([404, { success: false, error: { code: 'not_found' } }]);
    await other.close();
  });

  it('finds nothing where something else listens, and says so where nobody does', async () => {
    const server = createServer((_, response) => void response.writeHead(404).end('<h1>Not found</h1>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = async (base: string) => {
      const other = await openShop({ DEV_ROUTES: 'true', CHIP_API_BASE: base });
      const { status } = await other.send('POST', PAID, { ...NOBODY, body: { reference: 'cart-7' } });
      await other.close();
      return status;
    };
    expect(await ask(`http://127.0.0.1:${port}/api/v1`)).toBe(404);
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    expect(await ask(`http://127.0.0.1:${port}/api/v1`)).toBe(503);
  });

  it('leaves no news in the name of CHIP at the door that it did not carry there', async () => {
    await post(`${chip.url}/_sim/reset`, {});
    const answer = await shop.send('POST', PAID, { ...NOBODY, body: { purchase_id: purchase } });
    expect(answer.status).toBe(400);
  });
});
