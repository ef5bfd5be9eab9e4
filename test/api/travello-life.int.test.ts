// The whole product and Stripe's stand-in: what the seed draws as its two payment flows, walked to their ends.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, askAgain, CARDS, json, signIn } from '../e2e/shop.ts';
import type { Answer, JsonObject, Visitor } from '../e2e/shop.ts';
import { startStack, WEBHOOK_PATH } from '../e2e/stack.ts';
import type { Stack } from '../e2e/stack.ts';
import { until } from '../e2e/until.ts';
import { describeWith } from '../setup/parts.ts';

const HOOK = '/api/payments/webhook/';

describeWith(['postgres', 'temporal'], 'a stay of travello', () => {
  let stack: Stack;
  let alice: Visitor;
  let staff: Visitor;
  beforeAll(async () => {
    stack = await startStack({ environment: { FX_RATES: 'PKR/USD=0.0036', APPROVAL_LIMIT: '1000000' } });
    [alice, staff] = await Promise.all([
      signIn(stack, { sub: 'alice' }),
      signIn(stack, { sub: 'sigrid', role: 'staff' }),
    ]);
    hear(HOOK);
  }, 120_000);
  afterAll(() => stack.stop());

  const hear = (path: string | null): void =>
    stack.stripe.setWebhooks(path === null ? [] : [{ url: stack.apiUrl + path, secret: stack.webhookSecret }]);
  const good = (answer: Answer, status = 200): JsonObject => {
    if (answer.status !== status) throw new Error(`${answer.status} ${answer.text}`);
    return answer.body;
  };

  let booked = 0;
  const book = async (change: JsonObject = {}): Promise<number> => {
    booked += 1;
    const stay = { hotel: 1, room: 1, guests: 2, payment_method: 'ONLINE' };
    const check_in = new Date(Date.UTC(2090, 0, booked)).toISOString().slice(0, 10);
    const check_out = new Date(Date.UTC(2090, 0, booked + 2)).toISOString().slice(0, 10);
    const body = { ...stay, check_in, check_out, ...change };
    return Number(good(await askAgain(() => alice.post('/api/bookings/', body)), 201)['id']);
  };
  const createSession = (booking_id: number): Promise<Answer> =>
    askAgain(() => alice.post('/api/payments/create-session/', { booking_id }));
  const session = async (booking: number) => String(good(await createSession(booking))['session_id']);
  const pay = (id: string, number: string = CARDS.good): Promise<Answer> => {
    const card = { number, exp_month: '12', exp_year: '40', cvc: '123', email: 'alice@example.org' };
    return ask(`${stack.stripe.url}/c/pay/${id}`, { method: 'POST', body: new URLSearchParams(card) });
  };
  const atStripe = (path: string, fields: Record<string, string> = {}): Promise<Answer> =>
    ask(`${stack.stripe.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_holdfast' },
      body: new URLSearchParams(fields),
    });
  const status = async (booking: number) => good(await alice.get(`/api/payments/booking/${booking}/status/`));
  const untilStatus = (booking: number, wanted: string) =>
    until({
      what: `${wanted} of ${booking}`,
      look: async () => (await status(booking))['payment_status'] === wanted,
      instead: () => status(booking),
    });
  const stateOf = async (booking: number) => good(await alice.get(`/api/bookings/${booking}/`))['status'];
  const rowOf = async (booking: number) => {
    const wanted = "select * from bookings where storefront = 'travello' and external_id = $1";
    const [row] = await stack.rows(wanted, [String(booking)]);
    if (!row) throw new Error(`no booking ${booking}`);
    return row;
  };
  const refund = async (booking: number, amount?: number) => {
    const { id } = await rowOf(booking);
    return askAgain(() => staff.post(`/v1/bookings/${String(id)}/refunds`, { amount, reason: 'asked' }));
  };
  const intentOf = (id: string): string => String(stack.stripe.state.sessions.get(id)?.payment_intent);

  it('is declined, paid on the same page, given back in part and in full, and paid anew', async () => {
    const booking = await book();
    expect(await status(booking)).toMatchObject({ payment_status: 'NOT_INITIATED', payment_required: true });
    const first = await session(booking);
    expect(stack.stripe.state.sessions.get(first)).toMatchObject({
      success_url: 'http://localhost:5173/payment-success?session_id={CHECKOUT_SESSION_ID}',
      cancel_url: 'http://localhost:5173/payment-cancel?session_id={CHECKOUT_SESSION_ID}',
      amount_total: 2_000_000,
      currency: 'pkr',
      metadata: { travello_booking_id: String(booking) },
    });
    expect((await pay(first, CARDS.declined)).status).toBe(402);
    await untilStatus(booking, 'FAILED');
    expect(await session(booking)).toBe(first);
    const paid = await pay(first);
    expect(paid.headers.get('location')).toBe(`http://localhost:5173/payment-success?session_id=${first}`);
    await untilStatus(booking, 'SUCCEEDED');
    expect(await stateOf(booking)).toBe('PAID');
    expect(await createSession(booking)).toMatchObject({ status: 400, body: { error: 'Payment already processed' } });
    good(await refund(booking, 500_000));
    expect([(await status(booking))['payment_status'], await stateOf(booking)]).toEqual(['SUCCEEDED', 'PAID']);
    good(await refund(booking));
    await untilStatus(booking, 'REFUNDED');
    expect(await stateOf(booking)).toBe('PENDING');
    const second = await session(booking);
    expect(second).not.toBe(first);
    await pay(second);
    await untilStatus(booking, 'SUCCEEDED');
    expect(await rowOf(booking)).toMatchObject({ captured_minor: '4000000', refunded_minor: '2000000' });
  }, 120_000);

  it('is charged in dollars in one request where Stripe takes no rupees, and gets dollars back', async () => {
    await ask(`${stack.stripe.url}/_sim/currencies`, json({ unsupported: ['pkr'] }));
    try {
      const booking = await book();
      const id = await session(booking);
      expect(stack.stripe.state.sessions.get(id)).toMatchObject({ amount_total: 7_200, currency: 'usd' });
      await pay(id);
      await untilStatus(booking, 'SUCCEEDED');
      const charged = { charged_amount: 72, charged_currency: 'USD' };
      expect(await status(booking)).toMatchObject({ amount: 20_000, currency: 'PKR', ...charged });
      good(await refund(booking, 2_200));
      const back = [...stack.stripe.state.refunds.values()].filter((r) => r.payment_intent === intentOf(id));
      expect(back).toMatchObject([{ amount: 2_200, currency: 'usd' }]);
      const later = await session(await book());
      expect(stack.stripe.state.sessions.get(later)).toMatchObject({ currency: 'usd' });
    } finally {
      await ask(`${stack.stripe.url}/_sim/currencies`, json({ unsupported: [] }));
    }
  }, 90_000);

  it.each([
    ['never asked to pay online before', false],
    ['had a page in dollars before', true],
  ])(
    'taken in rupees at the desk and handed out again, is paid online in dollars in one request: it %s',
    async (_, hadPage) => {
      await ask(`${stack.stripe.url}/_sim/currencies`, json({ unsupported: ['pkr'] }));
      try {
        const booking = await book();
        if (hadPage) await session(booking);
        good(await staff.post(`/api/bookings/${booking}/mark-paid/`, { force: true }));
        const { id } = await rowOf(booking);
        expect(good(await refund(booking))).toMatchObject({
          status: 'pending',
          toHandOut: true,
          whatToDo: expect.stringContaining('at the desk'),
        });
        await until({ what: 'attention', look: async () => (await rowOf(booking))['status'] === 'needs_attention' });
        good(await askAgain(() => staff.post(`/v1/bookings/${String(id)}/resolve`, { outcome: 'done' })));
        await untilStatus(booking, 'REFUNDED');
        const page = await session(booking);
        expect(stack.stripe.state.sessions.get(page)).toMatchObject({ amount_total: 7_200, currency: 'usd' });
        await pay(page);
        await untilStatus(booking, 'SUCCEEDED');
        expect(await status(booking)).toMatchObject({ currency: 'PKR', charged_amount: 72, charged_currency: 'USD' });
        expect(await rowOf(booking)).toMatchObject({ currency: 'USD', captured_minor: '7200', refunded_minor: '0' });
      } finally {
        await ask(`${stack.stripe.url}/_sim/currencies`, json({ unsupported: [] }));
      }
    },
    90_000,
  );

  it('gets another page when the one before has ended, though no webhook told of it', async () => {
    hear(null);
    try {
      const booking = await book();
      const first = await session(booking);
      good(await atStripe(`checkout/sessions/${first}/expire`));
      const second = await session(booking);
      expect(second).not.toBe(first);
      await pay(second);
      // Nor did one tell of the payment: asking to pay again does.
      expect(await createSession(booking)).toMatchObject({ status: 400, body: { error: 'Payment already processed' } });
    } finally {
      hear(HOOK);
    }
  }, 60_000);

  it('is told that Stripe is away, and gets its page when Stripe is back', async () => {
    const booking = await book();
    const fault = { match: 'POST /v1/checkout/sessions$', kind: 'status', status: 503, times: 6 };
    await ask(`${stack.stripe.url}/_sim/faults`, json(fault));
    const away = await alice.post('/api/payments/create-session/', { booking_id: booking });
    expect([away.status, away.body]).toEqual([500, { success: false, error: 'Stripe API error' }]);
    const page = await until({
      what: 'a page',
      look: async () => {
        const answer = await createSession(booking);
        return answer.status === 200 && String(answer.body['session_id']);
      },
    });
    expect(stack.stripe.state.sessions.get(page)?.status).toBe('open');
  }, 60_000);

  it('on arrival is no matter of Stripe’s: staff mark it as paid, once', async () => {
    const booking = await book({ payment_method: 'ARRIVAL' });
    const before = stack.stripe.state.sessions.size;
    expect(await status(booking)).toMatchObject({ payment_status: 'PAY_ON_ARRIVAL', payment_required: false });
    const { id } = await rowOf(booking);
    expect(await stack.rows('select id from payments where booking_id = $1', [id])).toEqual([]);
    const mark = () => staff.post(`/api/bookings/${booking}/mark-paid/`, { note: 'cash' });
    const answers = await Promise.all([mark(), mark()]);
    expect(answers.map(({ status: code }) => code).toSorted((a, b) => a - b)).toEqual([200, 400]);
    expect(await stateOf(booking)).toBe('PAID');
    expect((await status(booking))['payment_status']).toBe('PAY_ON_ARRIVAL');
    expect(stack.stripe.state.sessions.size).toBe(before);
    const sums = `select sum(p.minor)::int as minor from ledger_postings p
      join ledger_transactions t on t.id = p.transaction_id where t.booking_id = $1 and p.account = 'gateway_clearing'`;
    expect(await stack.rows(sums, [id])).toEqual([{ minor: 2_000_000 }]);
  }, 60_000);

  it.each(['mark', 'page', 'mark', 'page'])(
    'marked by force while the guest pays on the page is paid once, %s first',
    async (first) => {
      const booking = await book();
      const page = await session(booking);
      const both = [() => staff.post(`/api/bookings/${booking}/mark-paid/`, { force: true }), () => pay(page)];
      if (first === 'page') both.reverse();
      const answers = await Promise.all(both.map((each) => each()));
      const [marked, paid] = first === 'page' ? answers.toReversed() : answers;
      await until({ what: `paid of ${booking}`, look: async () => (await stateOf(booking)) === 'PAID' });
      // 303: the page took the money. 410: it was closed before.
      expect([`${marked?.status} ${paid?.status}`]).toEqual(paid?.status === 303 ? ['400 303'] : ['200 410']);
      expect(await rowOf(booking)).toMatchObject({ captured_minor: '2000000', refunded_minor: '0' });
    },
    60_000,
  );

  const deliver = async (types: readonly string[], about: readonly string[]): Promise<void> => {
    const events = [...stack.stripe.state.events.values()].filter(({ data }) =>
      about.some((id) => JSON.stringify(data.object).includes(`"${id}"`)),
    );
    for (const type of types) {
      const event = events.find((each) => each.type === type);
      if (!event) throw new Error(`no ${type} of ${about.join()} among ${events.map((each) => each.type).join()}`);
      const text = JSON.stringify(event);
      const at = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', stack.webhookSecret).update(`${at}.${text}`).digest('hex');
      const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` };
      good(await ask(stack.apiUrl + HOOK, { method: 'POST', body: text, headers }));
    }
  };
  const [COMPLETED, PAID, BACK] = ['checkout.session.completed', 'payment_intent.succeeded', 'charge.refunded'];

  it.each([
    [COMPLETED, PAID, BACK],
    [COMPLETED, BACK, PAID],
    [PAID, COMPLETED, BACK],
    [PAID, BACK, COMPLETED],
    [BACK, COMPLETED, PAID],
    [BACK, PAID, COMPLETED],
  ])(
    'ends the same whichever way round Stripe tells: %s, %s, %s, each twice',
    async (...order) => {
      hear(null);
      try {
        const booking = await book();
        const page = await session(booking);
        await pay(page);
        good(await atStripe('refunds', { payment_intent: intentOf(page) }));
        const twice = order.flatMap((type) => [type ?? '', type ?? '']);
        await deliver(twice, [page, intentOf(page)]);
        await untilStatus(booking, 'REFUNDED');
        expect(await stateOf(booking)).toBe('PENDING');
        expect(await rowOf(booking)).toMatchObject({ captured_minor: '2000000', refunded_minor: '2000000' });
      } finally {
        hear(HOOK);
      }
    },
    60_000,
  );

  it('hears what Stripe tells at another storefront’s path', async () => {
    hear(WEBHOOK_PATH);
    try {
      const booking = await book();
      await pay(await session(booking));
      await untilStatus(booking, 'SUCCEEDED');
      const { id } = await rowOf(booking);
      const paths = 'select distinct channel from inbox where booking_id = $1';
      expect(await stack.rows(paths, [id])).toEqual([{ channel: WEBHOOK_PATH }]);
    } finally {
      hear(HOOK);
    }
  }, 60_000);

  it('is cancelled by staff: before it was paid its page is closed, after it all comes back', async () => {
    const unpaid = await book();
    const page = await session(unpaid);
    const cancel = (booking: number) => askAgain(() => staff.post(`/api/bookings/${booking}/cancel/`, {}));
    expect(good(await cancel(unpaid))).toMatchObject({ id: unpaid, status: 'CANCELLED' });
    expect((await pay(page)).status).toBe(410);
    expect(await createSession(unpaid)).toMatchObject({ status: 400, body: { error: 'Booking is cancelled' } });
    const paid = await book();
    await pay(await session(paid));
    await untilStatus(paid, 'SUCCEEDED');
    expect(good(await cancel(paid))).toMatchObject({ status: 'CANCELLED' });
    await untilStatus(paid, 'REFUNDED');
    expect(await status(paid)).toMatchObject({ payment_required: false });
    expect(await stateOf(paid)).toBe('CANCELLED');
  }, 90_000);
});
