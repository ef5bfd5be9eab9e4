// Refunds of one purchase, with our own books, against CHIP's stand-in, which knows them by no name of ours.
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { byHandActivities } from '../../activities/by-hand.ts';
import type { Deps } from '../../activities/deps.ts';
import { refundActivities } from '../../activities/refund.ts';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import { doubtCalls } from '../../db/doubt.ts';
import { createKeyring } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { refunds } from '../../db/schema.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { money } from '../../domain/money.ts';
import type { Gateway } from '../../domain/payment.ts';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipSim } from '../../sim/chip/server.ts';
import { order as sampleOrder } from '../adapters/chip-objects.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const ringgit = (minor: number) => money(minor, 'MYR');
const LATER_MS = 40_000;

describeWith('postgres', 'refunds of a purchase at CHIP', () => {
  let bench: Bench;
  let keyring: Keyring;
  let sim: ChipSim;
  let gateway: Gateway;
  let refunding: ReturnType<typeof refundActivities>;
  let byHand: ReturnType<typeof byHandActivities>;
  let nowMs: number;
  let made = 0;
  let bookingId: string;
  let paymentId: string;
  let ref: string;
  /** What happens between CHIP's word before a refund and the call for it. */
  let meanwhile: () => Promise<unknown>;

  beforeAll(async () => {
    bench = await openBench();
    sim = await startChip();
    const config = {
      apiKey: 'chip_test',
      brandId: '409eb80e-3782-4b1d-afa8-b779759266a5',
      apiBase: `${sim.url}/api/v1`,
      callbackUrl: `${sim.url}/nobody`,
      webhookKeys: [],
    };
    gateway = createChipGateway(config, () => nowMs);
    keyring = createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }]);
    const beforeRefund = async (paymentRef: string) => {
      const told = await gateway.beforeRefund?.(paymentRef);
      await meanwhile();
      return told;
    };
    const gateways = { chip: { ...gateway, beforeRefund } };
    const deps = { ...depsOf(bench), keyring, gateways, clock: () => new Date(nowMs) };
    // Nobody else is asked here.
    refunding = refundActivities(deps as unknown as Deps);
    byHand = byHandActivities(deps as unknown as Deps);
  });
  afterAll(async () => {
    await sim.close();
    await bench.close();
  });
  beforeEach(async () => {
    await tell('reset', {});
    nowMs = Date.now();
    meanwhile = async () => undefined;
    made += 1;
    bookingId = `bk_chip${made}`;
    paymentId = `pay_chip${made}_1`;
    const started = await gateway.start(
      { ...sampleOrder, bookingId, paymentId, expiresAt: new Date(nowMs + 3_600_000).toISOString() },
      paymentId,
    );
    if (started.kind !== 'redirect') throw new Error(started.kind);
    ref = started.ref;
    await fetch(started.url, { method: 'POST', body: new URLSearchParams({ outcome: 'paid' }), redirect: 'manual' });
    const charge = ringgit(12_900);
    await keyring.create(bench.db, bookingId);
    await bench.add({ id: bookingId, externalId: bookingId, charge, fxRate: null });
    const paid = [
      { ...facts.opened(1, charge), paymentId, gateway: 'chip', ref },
      { ...facts.captured(1, charge, 100), paymentId },
    ] as readonly BookingEvent[];
    await bench.record(bookingId, () => paid);
  });

  async function tell(path: string, body: object): Promise<void> {
    const response = await fetch(`${sim.url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
  }
  const loses = (kind: 'drop_before' | 'drop_after') => tell('faults', { match: '/refund/$', kind, times: 1 });
  async function reserved(n: number, minor: number): Promise<string> {
    const refundId = `rf_chip${made}_${n}`;
    const asked = { refundId, paymentId, amount: ringgit(minor), cause: 'staff', reason: 'test' } as const;
    await bench.record(bookingId, () => [
      { type: 'refund.requested', ...asked, actor: 'staff-1', needsApproval: false },
    ]);
    return refundId;
  }
  const execute = (refundId: string) => refunding.executeRefund({ bookingId, refundId });
  const standing = async () => (await bench.load(bookingId)).refunds.map(({ status }) => status);
  const returned = async () => (await gateway.look(ref)).refunded;
  const posts = () => sim.state.payments.values().filter(({ payment }) => payment.payment_type === 'refund').length;

  it('of the same sum are two', async () => {
    for (const n of [1, 2]) expect(await execute(await reserved(n, 4_000))).toMatchObject({ kind: 'succeeded' });
    expect(await returned()).toEqual(ringgit(8_000));
    const refs = (await bench.load(bookingId)).refunds.map((refund) => refund.ref);
    expect(new Set(refs).size).toBe(2);
  });

  it('whose answer was lost are made once', async () => {
    const refundId = await reserved(1, 4_000);
    await loses('drop_after');
    await expect(execute(refundId)).rejects.toThrow(/CHIP/);
    expect(await standing()).toEqual(['unknown']);
    expect(await execute(refundId)).toMatchObject({ kind: 'succeeded' });
    expect(posts()).toBe(1);
  });

  it('whose call was lost are made when it is proven that they were not', async () => {
    const refundId = await reserved(1, 4_000);
    await loses('drop_before');
    await expect(execute(refundId)).rejects.toThrow(/CHIP/);
    await expect(execute(refundId)).rejects.toThrow(/still be at work/);
    expect(posts()).toBe(0);
    nowMs += LATER_MS;
    expect(await execute(refundId)).toMatchObject({ kind: 'succeeded' });
    expect(await returned()).toEqual(ringgit(4_000));
  });

  it('that staff gave back by hand meanwhile are not made, whoever still tries', async () => {
    const refundId = await reserved(1, 4_000);
    await loses('drop_before');
    await expect(execute(refundId)).rejects.toThrow(/CHIP/);
    await byHand.settleRefundByHand({ bookingId, refundId, actor: 'staff-1' });
    nowMs += LATER_MS;
    expect(await execute(refundId)).toMatchObject({ kind: 'succeeded' });
    expect([posts(), await returned()]).toEqual([0, ringgit(0)]);
  });

  it('are asked for one by one, so that what became of the one is never taken for the other', async () => {
    const [first, second] = [await reserved(1, 4_000), await reserved(2, 3_000)];
    await loses('drop_after');
    await expect(execute(first)).rejects.toThrow(/CHIP/);
    await expect(execute(second)).rejects.toThrow(/another refund/);
    expect(await execute(first)).toMatchObject({ kind: 'succeeded' });
    expect(await execute(second)).toMatchObject({ kind: 'succeeded' });
    expect([await returned(), posts()]).toEqual([ringgit(7_000), 2]);
  });

  it('of which any may have been made, after a loss, wait until a person has found out which, and are made once', async () => {
    const [first, second] = [await reserved(1, 1_000), await reserved(2, 5_000)];
    await loses('drop_after');
    await expect(execute(second)).rejects.toThrow(/CHIP/);
    const untraced = { calledAt: null, leftBeforeMinor: null, attemptsBefore: null };
    await bench.db
      .update(refunds)
      .set({ ...untraced, status: 'pending' })
      .where(eq(refunds.bookingId, bookingId));
    const { left } = await doubtCalls(bench.db, { since: new Date(0), oneByOne: ['chip'] });
    expect(left).toContainEqual({
      subject: `${bookingId}/refunds/${paymentId}`,
      bookingId,
      reason: expect.stringContaining(`${first}, ${second}`),
    });
    for (const each of [first, second]) {
      await expect(execute(each)).rejects.toThrow(/which of them/);
      await expect(refunding.awaitRefund({ bookingId, refundId: each })).rejects.toThrow(/which of them/);
    }
    expect([await standing(), posts()]).toEqual([['pending', 'pending'], 1]);
    await bench.db.update(refunds).set(untraced).where(eq(refunds.id, first));
    await expect(execute(first)).rejects.toThrow(/another refund/);
    expect(await execute(second)).toMatchObject({ kind: 'succeeded' });
    expect(await execute(first)).toMatchObject({ kind: 'succeeded' });
    expect([await returned(), posts()]).toEqual([ringgit(6_000), 2]);
  });

  it('that begin at the same moment all arrive, each once', async () => {
    const ids = await Promise.all([1, 2, 3].map((n) => reserved(n, 2_000 + n)));
    while ((await standing()).some((status) => status !== 'succeeded')) await Promise.allSettled(ids.map(execute));
    expect([await returned(), posts()]).toEqual([ringgit(6_006), 3]);
  });

  it('that take their time end with CHIP’s last word, and hold up the next', async () => {
    await tell('settings', { refunds: 'slow', refundMs: 60 });
    const [first, second] = [await reserved(1, 4_000), await reserved(2, 4_000)];
    expect(await execute(first)).toMatchObject({ kind: 'pending' });
    await expect(execute(second)).rejects.toThrow(/another refund/);
    await expect.poll(() => sim.state.purchases.get(ref)?.status).toBe('refunded');
    expect(await refunding.awaitRefund({ bookingId, refundId: first })).toMatchObject({ kind: 'succeeded' });
    expect(await execute(second)).toMatchObject({ kind: 'pending' });
  });

  it('that CHIP takes and cannot make have failed, and may be tried under another name', async () => {
    await tell('settings', { refunds: 'slow_fail', refundMs: 60 });
    const first = await reserved(1, 4_000);
    expect(await execute(first)).toMatchObject({ kind: 'pending' });
    await expect.poll(() => sim.state.purchases.get(ref)?.status).toBe('paid');
    expect(await refunding.awaitRefund({ bookingId, refundId: first })).toMatchObject({ kind: 'failed' });
    await tell('settings', { refunds: 'at_once' });
    expect(await execute(await reserved(2, 4_000))).toMatchObject({ kind: 'succeeded' });
    expect(await returned()).toEqual(ringgit(4_000));
  });

  it('are made once though an earlier one came back there, and nobody told us', async () => {
    expect(await execute(await reserved(1, 4_000))).toMatchObject({ kind: 'succeeded' });
    const { refundable_amount: left, ...purchase } = mustHave(sim.state.purchases.get(ref));
    sim.state.purchases.put({ ...purchase, refundable_amount: left + 4_000 });
    const second = await reserved(2, 4_000);
    await loses('drop_after');
    await expect(execute(second)).rejects.toThrow(/CHIP/);
    nowMs += LATER_MS;
    expect(await execute(second)).toMatchObject({ kind: 'succeeded' });
    expect(posts()).toBe(2);
  });

  it.each(['at_once', 'fail'])('are not judged by what another did meanwhile: %s', async (fate) => {
    const [first, second] = [await reserved(1, 4_000), await reserved(2, 4_000)];
    meanwhile = async () => {
      meanwhile = async () => undefined;
      await tell('settings', { refunds: fate });
      await execute(first);
      await tell('settings', { refunds: 'at_once' });
    };
    await expect(execute(second)).rejects.toThrow(/out of date/);
    expect(await execute(second)).toMatchObject({ kind: 'succeeded' });
    expect([await returned(), posts()]).toEqual(fate === 'fail' ? [ringgit(4_000), 1] : [ringgit(8_000), 2]);
  });

  it('that were made over another sum are not asked for again by themselves', async () => {
    const refundId = await reserved(1, 4_000);
    await loses('drop_after');
    await expect(execute(refundId)).rejects.toThrow(/CHIP/);
    const { refundable_amount: left, ...purchase } = mustHave(sim.state.purchases.get(ref));
    sim.state.purchases.put({ ...purchase, refundable_amount: left + 1 });
    for (const laterMs of [LATER_MS, 900_000]) {
      nowMs += laterMs;
      await expect(execute(refundId)).rejects.toThrow(/explain/);
    }
    expect(posts()).toBe(1);
  });

  it('of a version that wrote down no more than the time are found as before', async () => {
    const refundId = await reserved(1, 4_000);
    await loses('drop_after');
    await expect(execute(refundId)).rejects.toThrow(/CHIP/);
    await bench.db.update(refunds).set({ leftBeforeMinor: null, attemptsBefore: null }).where(eq(refunds.id, refundId));
    expect(await execute(refundId)).toMatchObject({ kind: 'succeeded' });
    expect(posts()).toBe(1);
  });
});

function mustHave<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('not there');
  return found;
}
