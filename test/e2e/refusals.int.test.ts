import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import type { Fault } from '../../sim/faults.ts';
import { describeWith } from '../setup/parts.ts';
import { arm } from './outcome.ts';
import { CREATE_INTENT, ask, orderFor, signIn, visitorWith } from './shop.ts';
import type { Answer, Claims, JsonObject, Visitor } from './shop.ts';
import { WEBHOOK_PATH, startStack } from './stack.ts';
import type { Stack } from './stack.ts';

const line = (change: JsonObject) => [{ sku_id: '3001', name: 'Adult', count: 1, price: '42.50', ...change }];

/** One thing wrong in each. `asksKlook`: only the supplier can tell, and is asked without changing anything. */
const BAD_ORDERS = [
  { what: 'a text where a list belongs', change: { items: 'two adults' }, status: 400, field: 'items' },
  { what: 'a number where a text belongs', change: { contact_info: 7 }, status: 400, field: 'contact_info' },
  { what: 'no passengers', change: { passengers: undefined }, status: 400, field: 'passengers' },
  { what: 'an empty list of passengers', change: { passengers: [] }, status: 400, field: 'passengers' },
  { what: 'a count of zero', change: { items: line({ count: 0 }) }, status: 400, field: 'items.0.count' },
  { what: 'a negative count', change: { items: line({ count: -1 }) }, status: 400, field: 'items.0.count' },
  { what: 'half a passenger', change: { items: line({ count: 1.5 }) }, status: 400, field: 'items.0.count' },
  { what: 'an amount of zero', change: { amount: '0' }, status: 400, field: 'amount' },
  { what: 'a negative amount', change: { amount: '-46.75' }, status: 400, field: 'amount' },
  { what: 'too many decimals', change: { amount: '46.755' }, status: 400, field: 'amount' },
  { what: 'an amount that is none', change: { amount: 'much' }, status: 400, field: 'amount' },
  {
    what: 'a start in the past',
    change: { schedule: { start_time: '2020-01-01 19:00:00', timezone: 'Asia/Hong_Kong' } },
    status: 422,
    field: 'schedule.start_time',
  },
  {
    what: 'a markup of the customer’s own',
    change: { markup: { type: 'percent', value: '0' }, amount: '42.50' },
    status: 422,
    field: 'markup',
  },
  {
    what: 'a markup out of range, even from staff',
    change: { markup: { type: 'percent', value: '150' }, amount: '106.25' },
    claims: { sub: 'sigrid', role: 'staff' },
    status: 422,
    field: 'markup',
    asksKlook: true,
  },
  {
    what: 'an unknown SKU',
    change: { items: line({ sku_id: '999999' }) },
    status: 422,
    field: 'items',
    asksKlook: true,
  },
  {
    what: 'an amount that is not net and markup',
    change: { amount: '46.74' },
    status: 422,
    field: 'amount',
    asksKlook: true,
  },
  {
    what: 'a currency without a rate',
    change: { currency: 'EUR' },
    status: 422,
    field: 'currency',
    asksKlook: true,
  },
] as const;

describeWith(['postgres', 'temporal'], 'bad input', () => {
  let stack: Stack;
  let alice: Visitor;
  let calls: { stripe: Fault; klook: Fault };
  let before: Awaited<ReturnType<typeof traces>>;

  beforeAll(async () => {
    stack = await startStack({ programs: ['api'] });
    alice = await signIn(stack, { sub: 'alice' });
  }, 120_000);
  afterAll(() => stack.stop());

  beforeEach(async () => {
    stack.stripe.state.faults.clear();
    stack.klook.state.faults.clear();
    // A delay of nothing counts calls.
    const counting = { kind: 'delay', ms: 0, match: '.' };
    calls = { stripe: arm(stack.stripe, counting), klook: arm(stack.klook, counting) };
    before = await traces();
  });

  /** Everything we and the others hold, as far as it could have changed. */
  async function traces() {
    const tables = await stack.rows<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    const counts = tables.map(async ({ name }) => {
      const [row] = await stack.rows<{ count: number }>(`select count(*)::int as count from "${name}"`);
      return [name, row?.count ?? 0] as const;
    });
    const { intents, events } = stack.stripe.state;
    const { orders, ledger, slots } = stack.klook.state;
    const held = { intents: intents.size, events: events.size, orders: orders.size, ledger: ledger.size };
    return { rows: Object.fromEntries(await Promise.all(counts)), held: { ...held, slots: slots.values() } };
  }

  const nothingHappened = async ({ asksKlook = false } = {}) => {
    expect(await traces()).toEqual(before);
    expect(calls.stripe.hits).toBe(0);
    // Two questions side by side, the price and the terms: the second may still be on its way.
    expect(asksKlook ? [1, 2] : [0]).toContain(calls.klook.hits);
  };

  const token = (claims: JsonObject, { secret = stack.jwtSecret, expiresIn = '5m' } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(expiresIn)
      .sign(new TextEncoder().encode(secret));

  it.each(BAD_ORDERS)('$what is refused; nothing is stored, nothing is called', async (bad) => {
    const { change, status, field } = bad;
    const claims: Claims = 'claims' in bad ? bad.claims : { sub: 'alice' };
    const answer = await (await signIn(stack, claims)).post(CREATE_INTENT, orderFor({ change }));
    expect({ status: answer.status, fields: fieldsOf(answer) }).toEqual({ status, fields: [field] });
    await nothingHappened({ asksKlook: 'asksKlook' in bad });
  });

  it('what is no JSON, or too much of it, is refused before it is looked at', async () => {
    const cut = await alice.post(CREATE_INTENT, JSON.stringify(orderFor()).slice(0, -1));
    expect(cut).toMatchObject({ status: 400, body: { success: false } });
    const huge = await alice.post(CREATE_INTENT, orderFor({ change: { note: 'x'.repeat(2 * 1024 * 1024) } }));
    expect(huge).toMatchObject({ status: 413, body: { success: false } });
    await nothingHappened();
  });

  it('a token that is missing, expired or somebody else’s making opens nothing', async () => {
    const order = orderFor();
    const bad = [
      await token({ sub: 'alice' }, { expiresIn: '-1h' }),
      await token({ sub: 'alice' }, { secret: 'another secret, as long as a real one' }),
      'not.a.token',
      '',
    ];
    for (const each of bad) {
      const answer = await visitorWith(stack.apiUrl, each).post(CREATE_INTENT, order);
      expect(answer).toMatchObject({ status: 401, body: { success: false } });
    }
    const elsewhere = visitorWith(stack.apiUrl, await token({ sub: 'alice', storefront: 'cart' }));
    expect(await elsewhere.post(CREATE_INTENT, order)).toMatchObject({ status: 403, body: { success: false } });
    await nothingHappened();
  });

  it('a webhook that is forged, stale, altered or unsigned is refused and only noted', async () => {
    const event = JSON.stringify({
      id: 'evt_forged',
      object: 'event',
      type: 'payment_intent.succeeded',
      data: { object: { object: 'payment_intent', id: 'pi_forged', metadata: { booking_id: 'bk_forged' } } },
    });
    const now = Math.floor(Date.now() / 1000);
    const genuine = signatureOf(event, { secret: stack.webhookSecret, at: now });
    const bad = [
      { body: event, signature: signatureOf(event, { secret: 'whsec_somebody_else', at: now }) },
      { body: event, signature: signatureOf(event, { secret: stack.webhookSecret, at: now - 400 }) },
      { body: event.replace('bk_forged', 'bk_altered'), signature: genuine },
      { body: event.slice(0, -9), signature: genuine },
      { body: event, signature: undefined },
    ];
    for (const { body, signature } of bad) {
      const headers = signature === undefined ? undefined : { 'stripe-signature': signature };
      const answer = await ask(stack.apiUrl + WEBHOOK_PATH, { method: 'POST', body, ...(headers && { headers }) });
      expect(answer).toMatchObject({ status: 400, body: { success: false } });
    }
    const noted = await stack.rows('select verdict, state, event_id from inbox');
    expect(noted).toEqual(bad.map(() => ({ verdict: 'rejected', state: 'failed', event_id: null })));
    before.rows['inbox'] = (before.rows['inbox'] ?? 0) + bad.length;
    // What strangers send is sealed like everything else, with the key of the house.
    before.rows['booking_keys'] = 1;
    await nothingHappened();
  });
});

const fieldsOf = ({ body }: Answer): string[] => Object.keys(body['errors'] ?? {});

function signatureOf(body: string, { secret, at }: { secret: string; at: number }): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}
