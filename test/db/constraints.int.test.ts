// What the database itself refuses, whatever the code above it believes.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { PHASES } from '../../domain/booking.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench, refusedBy } from './test-bench.ts';
import type { Bench } from './test-bench.ts';

let bench: Bench;
let count = 0;
let id = '';

describeWith('postgres', 'the database', () => {
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    count += 1;
    id = `bk_c${count}`;
    await bench.add({ id, externalId: id });
  });

  const run = (query: ReturnType<typeof sql>) => refusedBy(bench.db.execute(query));
  const set = (assignments: string, of = id) => run(sql`update bookings set ${sql.raw(assignments)} where id = ${of}`);
  const pay = (attempt: number, status: string, rest: { ref?: string; captured?: number } = {}) =>
    run(sql`insert into payments (id, booking_id, attempt, gateway, ref, amount_minor, currency, status, wire_status, captured_minor)
      values (${`pay_${id}_${attempt}`}, ${id}, ${attempt}, 'stripe_intent', ${rest.ref ?? `pi_${id}_${attempt}`}, 10000, 'HKD', ${status}, '', ${rest.captured ?? 0})`);
  const order = (generation: number, status: string, ourRef = `${id}-r${generation}`) =>
    run(sql`insert into supplier_orders (id, booking_id, supplier, generation, our_ref, status, net_minor, net_currency)
      values (${`so_${id}_${generation}`}, ${id}, 'klook', ${generation}, ${ourRef}, ${status}, 8000, 'HKD')`);

  it('takes back no more than was captured', async () => {
    expect(await set('captured_minor = 100, refunded_minor = 60, reserved_minor = 40')).toBe('');
    for (const more of ['refunded_minor = 61', 'reserved_minor = 41', 'disputed_minor = 1'])
      expect(await set(more)).toBe('never_returns_more_than_captured');
    expect(await set('disputed_minor = 1, over_returned_minor = 1')).toBe('');
  });

  it('lets one of two reservations through that are too much together', async () => {
    await set('captured_minor = 100');
    const reserve = () => set('reserved_minor = reserved_minor + 60');
    expect((await Promise.all([reserve(), reserve()])).toSorted()).toEqual(['', 'never_returns_more_than_captured']);
  });

  it.each(['captured_minor', 'refunded_minor', 'reserved_minor', 'disputed_minor', 'over_returned_minor'])(
    'knows no negative %s',
    async (column) => {
      expect(await set(`${column} = -1`)).toContain(`bookings_${column}_check`);
    },
  );

  it('confirms nothing that was not paid, save what is paid on arrival', async () => {
    for (const phase of ['confirming', 'confirmed', 'partially_refunded'])
      expect(await set(`phase = '${phase}'`)).toBe('confirmed_is_paid');
    expect(await set(`phase = 'confirmed', captured_minor = 1`)).toBe('');
    expect(await set(`phase = 'confirmed', captured_minor = 0, kind = 'on_arrival'`)).toBe('');
  });

  it('confirms nothing that is only held, though it may be ordered', async () => {
    await set(`product = '{"captureWhen": "after_supplier"}'`);
    expect(await set(`phase = 'confirming'`)).toBe('');
    expect(await set(`phase = 'confirmed'`)).toBe('confirmed_is_paid');
  });

  it('knows the phases of the domain and no other', async () => {
    await set('captured_minor = 1');
    for (const phase of PHASES) expect(await set(`phase = '${phase}'`)).toBe('');
    expect(await set(`phase = 'paid'`)).toBe('bookings_phase_check');
  });

  it('derives the status from phase and attention', async () => {
    const status = async () => (await bench.rows(sql`select status from bookings where id = ${id}`))[0]?.['status'];
    expect(await status()).toBe('awaiting_payment');
    await set(`attention = '{"id":"a"}'`);
    expect(await status()).toBe('needs_attention');
    expect(await set(`status = 'confirmed'`)).toContain('can only be updated to DEFAULT');
  });

  it('sells an external id once a storefront, and prices it above nothing', async () => {
    const copy = (storefront: string, charge: number) =>
      run(sql`insert into bookings (id, number, storefront, external_id, body_hash, kind, owner_sub, charge_minor, currency, expires_at, product)
        values (${`${id}_copy`}, ${`HF-copy-${id}`}, ${storefront}, ${id}, '', 'activity', 'a', ${charge}, 'HKD', now(), '{}')`);
    expect(await copy('trektoo', 1)).toBe('bookings_storefront_external_id_key');
    expect(await copy('cart', 0)).toBe('bookings_charge_minor_check');
    expect(await copy('ebay', 1)).toBe('bookings_storefront_check');
    expect(await copy('cart', 1)).toBe('');
  });

  it.each(['opening', 'requires_payment_method', 'requires_action', 'processing', 'authorised'])(
    'has one live payment a booking: %s',
    async (status) => {
      expect(await pay(1, status)).toBe('');
      expect(await pay(2, 'requires_payment_method')).toBe('one_live_payment');
      expect(await pay(2, 'succeeded')).toBe('');
      expect(await run(sql`update payments set status = 'cancelled' where booking_id = ${id} and attempt = 1`)).toBe(
        '',
      );
      expect(await pay(3, 'requires_payment_method')).toBe('');
    },
  );

  it('knows a gateway’s payment once, an attempt once, and no capture beyond what was asked', async () => {
    expect(await pay(1, 'succeeded', { ref: `pi_${id}` })).toBe('');
    expect(await pay(2, 'succeeded', { ref: `pi_${id}` })).toBe('payments_gateway_ref_key');
    expect(await pay(1, 'succeeded')).toContain('payments_');
    expect(await pay(2, 'succeeded', { captured: 10_001 })).toBe('captures_what_was_asked');
    expect(await pay(2, 'succeeded', { captured: 10_000 })).toBe('');
  });

  it.each(['placing', 'unpaid', 'pending', 'confirmed', 'unknown'])(
    'has one supplier order alive a booking: %s',
    async (status) => {
      expect(await order(0, status)).toBe('');
      expect(await order(1, 'placing')).toBe('one_supplier_order_alive');
      await run(sql`update supplier_orders set status = 'canceled' where booking_id = ${id}`);
      expect(await order(1, 'placing')).toBe('');
    },
  );

  it('uses a reference at the supplier once, for ever', async () => {
    expect(await order(0, 'expired', `ref-${id}`)).toBe('');
    expect(await order(1, 'placing', `ref-${id}`)).toBe('supplier_orders_supplier_our_ref_key');
  });

  it('knows an order of the supplier’s under one name of ours', async () => {
    await order(0, 'expired');
    await order(2, 'rejected');
    const numbered = (generation: number) =>
      run(sql`update supplier_orders set order_no = ${`KLK-${id}`} where id = ${`so_${id}_${generation}`}`);
    expect([await numbered(0), await numbered(2)]).toEqual(['', 'supplier_orders_supplier_order_no_key']);
  });

  it('gets no more back from a supplier than it paid', async () => {
    await order(0, 'pending');
    const returned = (minor: number) =>
      run(sql`update supplier_orders set paid_minor = 8000, returned_minor = ${minor} where booking_id = ${id}`);
    expect(await returned(8_000)).toBe('');
    expect(await returned(8_001)).toContain('supplier_orders_');
  });

  it('refunds more than nothing, of a payment that exists', async () => {
    await pay(1, 'succeeded', { captured: 10_000 });
    const refund = (minor: number, payment: string) =>
      run(sql`insert into refunds (id, booking_id, payment_id, amount_minor, currency, status, cause, reason, actor, requested_at)
        values (${`rf_${id}`}, ${id}, ${payment}, ${minor}, 'HKD', 'pending', 'staff', '', '', now())`);
    expect(await refund(0, `pay_${id}_1`)).toBe('refunds_amount_minor_check');
    expect(await refund(1, 'pay_other')).toBe('refunds_payment_id_fkey');
    expect(await refund(1, `pay_${id}_1`)).toBe('');
  });

  it('sends each letter once', async () => {
    const notice = (version: string) =>
      run(
        sql`insert into notices (booking_id, kind, version, audience) values (${id}, 'payment_failed', ${version}, 'customer')`,
      );
    expect(await notice('1')).toBe('');
    expect(await notice('1')).toBe('notices_booking_id_kind_version_key');
    expect(await notice('2')).toBe('');
  });

  it('takes a verified event in once a channel, a forged one as often as it comes', async () => {
    const event = (verdict: string, channel = 'a') =>
      run(sql`insert into inbox (gateway, channel, event_id, verdict, state, headers, body_sha256)
        values ('stripe', ${channel}, ${`evt_${id}`}, ${verdict}, 'pending', '{}', '')`);
    expect(await event('rejected')).toBe('');
    expect(await event('rejected')).toBe('');
    expect(await event('verified')).toBe('');
    expect(await event('verified')).toBe('inbox_once');
    expect(await event('verified', 'b')).toBe('');
  });

  it('knows a fact once, and gives no number twice', async () => {
    const fact = (seq: number, key: string) =>
      run(sql`insert into booking_events (booking_id, seq, key, type, data) values (${id}, ${seq}, ${key}, 't', '{}')`);
    expect(await fact(1, 'a')).toBe('');
    expect(await fact(2, 'a')).toBe('booking_events_booking_id_key_key');
    expect(await fact(1, 'b')).toBe('booking_events_pkey');
    expect(await fact(2, 'b')).toBe('');
  });

  it('lets one claim late money', async () => {
    const claim = () =>
      run(sql`insert into late_payments (payment_ref, gateway, booking_id) values (${`pi_${id}`}, 'chip', ${id})`);
    expect([await claim(), await claim()]).toEqual(['', 'late_payments_pkey']);
  });

  it('makes one order of a paid cart', async () => {
    const ordered = (number: string) =>
      run(sql`insert into orders (order_number, booking_id, cart_id, status, total_minor, currency, snapshot, created_at)
        values (${number}, ${id}, 'cart_1', 'completed', 100, 'MYR', '{}', now())`);
    expect([await ordered(`${id}-1`), await ordered(`${id}-2`)]).toEqual(['', 'orders_booking_id_key']);
  });

  it('numbers what it tells others without using a number twice', async () => {
    const tell = () =>
      run(sql`insert into outbox (booking_id, topic, key, seq, payload) values (${id}, 't', ${id}, 1, '{}')`);
    expect([await tell(), await tell()]).toEqual(['', 'outbox_key_seq_key']);
  });

  it('holds a key or the time it was destroyed, never both, never neither', async () => {
    const key = (wrapped: string, destroyed: string) =>
      run(
        sql`insert into booking_keys (key_id, master_key_id, wrapped, destroyed_at) values (${id}, 'm', ${sql.raw(wrapped)}, ${sql.raw(destroyed)})`,
      );
    expect(await key(`'x'`, 'now()')).toBe('booking_keys_check');
    expect(await key('null', 'null')).toBe('booking_keys_check');
    expect(await key(`'x'`, 'null')).toBe('');
  });
});
