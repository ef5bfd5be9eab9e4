// Which bookings are rebuilt of what was read, and which are left as they are.
import { expect, it } from 'vitest';
import { keyOf } from '../../domain/events.ts';
import type { PastRun } from '../../worker/recover/histories.ts';
import { lossesIn } from '../../worker/recover/losses.ts';
import { AT, facts } from '../domain/sample-booking.ts';

const told = (from: number, ...events: Parameters<typeof keyOf>[0][]) => [
  { bookingId: 'bk_1', facts: events.map((event, i) => ({ seq: from + i, at: AT, event })) },
];
const run = (change: Partial<PastRun>): PastRun => ({
  workflowId: 'booking-bk_1',
  isOpen: false,
  startedMs: 0,
  bookingId: 'bk_1',
  recalls: [],
  version: 0,
  lastInboxId: 0,
  historyKey: null,
  unread: null,
  ...change,
});
const KNOWN = [keyOf(facts.opened())];
const lossesOf = (...runs: PastRun[]) => lossesIn(runs, async () => KNOWN);
const LATE = {
  workflowId: 'late-payment-pi_1',
  recalls: told(4, facts.captured()),
  version: 4,
  startedMs: Date.parse(AT),
};
const CLOSED = run({ recalls: told(1, facts.opened(), facts.closed(), facts.expired()), version: 3 });

it('rebuilds a booking of all its histories', async () => {
  const { losses, left } = await lossesOf(CLOSED, run(LATE));
  expect(losses).toMatchObject([{ bookingId: 'bk_1', loss: { kind: 'behind', untold: [] } }]);
  expect(losses[0]?.loss.facts.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  expect(left).toEqual([]);
});

it('leaves a booking as it is while one of its histories cannot be read: what is in it could never be put back behind the rest', async () => {
  const unread = run({ recalls: [], unread: 'no such key' });
  const { losses, left } = await lossesOf(unread, run(LATE));
  expect(losses).toEqual([]);
  expect(left).toEqual([
    { subject: 'booking-bk_1', bookingId: 'bk_1', reason: 'its history cannot be read: no such key' },
    { subject: 'bk_1', bookingId: 'bk_1', reason: expect.stringContaining('booking-bk_1') },
  ]);
});

it('knows whose late money it was by the payment, where the history says nothing', async () => {
  const unread = run({ workflowId: 'late-payment-pi_1', bookingId: null, unread: 'no such key' });
  const { losses, left } = await lossesOf(CLOSED, unread);
  expect(losses).toEqual([]);
  expect(left).toMatchObject([{ subject: 'late-payment-pi_1', bookingId: 'bk_1' }, { subject: 'bk_1' }]);
  const another = run({ ...unread, workflowId: 'late-payment-pi_9', bookingId: null });
  expect(await lossesOf(CLOSED, another)).toMatchObject({
    losses: [{ bookingId: 'bk_1' }],
    left: [{ bookingId: null }],
  });
});

it('says which money came late: what was taken while a run of its own was there', async () => {
  const { losses } = await lossesOf(CLOSED, run(LATE));
  expect(losses).toMatchObject([{ late: [{ paymentRef: 'pi_1', paymentId: 'pay_1_1' }] }]);
  // An answer that another run had to give again tells what is older, too.
  const again = run({ ...LATE, startedMs: LATE.startedMs + 3_600_000 });
  const [loss] = (await lossesOf(CLOSED, run({ ...LATE, workflowId: 'late-payment-pi_0' }), run(LATE), again)).losses;
  expect(loss?.late).toContainEqual({ paymentRef: 'pi_1', paymentId: 'pay_1_1' });
  expect(await lossesOf(CLOSED, again)).toMatchObject({ losses: [{ late: [] }] });
});
