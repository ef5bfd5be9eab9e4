import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import {
  BOUGHT_ONCE,
  GIVEN_BACK,
  GIVEN_BACK_LEDGER,
  LETTERS,
  arm,
  ledgerOf,
  outcomeOf,
  untilBought,
  untilGivenBack,
  untilHit,
  untilLetter,
  untilStatus,
} from './outcome.ts';
import { CREATE_INTENT, askAgain, book, intentIn, orderFor, pay, signIn } from './shop.ts';
import type { Intent, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { factsRecorded, factsTold } from './told.ts';

// A held call takes effect, or answers, after whoever made it is dead: what it did, nobody was told.
const HOLD_MS = 9_000;
const before = (match: string) => ({ match, kind: 'delay', ms: HOLD_MS, times: 1 });
const after = (match: string) => ({ ...before(match), after: true });

// A dead worker is noticed when its activity's time is up: a minute where papers were being drawn.
const RECOVERED_WITHIN_MS = 120_000;

const PART_MINOR = 1_000;
const OPEN = '^POST /v1/payment_intents$';
const LOOK = '^GET /v1/payment_intents/';
const REFUND = '^POST /v1/refunds$';
const CHECK = '^POST /v3/availability/check$';
const ORDER = '^POST /v3/orders$';
const PAY = '^POST /v3/pay/balance/';
const READ = '^GET /v2/orders/';
const CANCEL = '^POST /v3/orders/\\w+/cancel/apply$';

describeWith(['postgres', 'temporal'], 'kill -9 of the worker', () => {
  let stack: Stack;
  let alice: Visitor;
  let staff: Visitor;

  beforeAll(async () => {
    // A repeated order would be a second one here, a repeated payment a second debit.
    stack = await startStack({ klook: { duplicate: 'second', repay: 'debit' } });
    [alice, staff] = await Promise.all([
      signIn(stack, { sub: 'alice' }),
      signIn(stack, { sub: 'sigrid', role: 'staff' }),
    ]);
  }, 120_000);
  afterAll(() => stack.stop());

  const bookMany = (count: number, familyName = 'Chan') =>
    Promise.all(Array.from({ length: count }, () => book(alice, { familyName })));
  const payAll = (intents: readonly Intent[]) => Promise.all(intents.map((intent) => pay(stack, intent)));

  /** Waits until each of these calls hangs, then kills whoever made them, and starts the worker anew. */
  async function killWhile(hanging: ReturnType<typeof arm>[]): Promise<void> {
    await Promise.all(hanging.map((fault) => untilHit(fault)));
    await stack.worker.kill();
    await stack.worker.start();
  }

  it('before or after the effect of any call ends every booking where it would have ended, and does nothing twice', async () => {
    const [bought, returned, kept] = [await bookMany(11), await bookMany(4, 'Doe sold-out-at-pay'), await bookMany(2)];
    await payAll(kept);
    await Promise.all(kept.map((intent) => untilBought(stack, intent)));

    // While it gives a part back, which Stripe would do twice …
    const partly = [before(REFUND), after(REFUND)].map((fault) => arm(stack.stripe, fault));
    const wish = { amount: PART_MINOR, reason: 'goodwill' };
    const refunding = kept.map(({ booking_id: id }) => staff.post(`/v1/bookings/${id}/refunds`, wish));
    await Promise.all(partly.map((fault) => untilHit(fault)));
    // … and all of others: each sends a refund and a cancellation, and two of each hang.
    const wholly = [before(REFUND), after(REFUND)].map((fault) => arm(stack.stripe, fault));
    const cancelling = [before(CANCEL), after(CANCEL)].map((fault) => arm(stack.klook, fault));
    await payAll(returned);
    await killWhile([...wholly, ...cancelling]);
    expect((await Promise.all(refunding)).map(({ body }) => body['status'])).toEqual(['pending', 'pending']);

    // While it buys: whichever booking comes first hangs at a call, the next one further on; the last are anywhere.
    const looking = arm(stack.stripe, before(LOOK));
    const buying = [before(CHECK), before(ORDER), after(ORDER), before(PAY), after(PAY), before(READ), after(READ)];
    const hanging = [looking, ...buying.map((fault) => arm(stack.klook, fault))];
    await payAll(bought.slice(0, hanging.length));
    await Promise.all(hanging.map((fault) => untilHit(fault)));
    const anywhere = bought.slice(hanging.length);
    await Promise.all(anywhere.map((intent, i) => sleep(i * 80).then(() => pay(stack, intent))));
    await killWhile(hanging);

    // While it opens payments, whose customers ask on.
    const opening = [before(OPEN), after(OPEN)].map((fault) => arm(stack.stripe, fault));
    const asking = [orderFor(), orderFor()].map((order) => askAgain(() => alice.post(CREATE_INTENT, order)));
    await killWhile(opening);
    const opened = (await Promise.all(asking)).map(intentIn);
    await payAll(opened);

    for (const intent of [...bought, ...opened]) {
      await untilBought(stack, intent, RECOVERED_WITHIN_MS);
      expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
    }
    for (const intent of returned) {
      await untilGivenBack(stack, intent, RECOVERED_WITHIN_MS);
      expect(await outcomeOf(stack, intent)).toEqual({ ...GIVEN_BACK, orders: ['canceled'] });
      expect(await ledgerOf(stack, intent.booking_id)).toEqual(GIVEN_BACK_LEDGER);
    }
    for (const intent of kept) {
      await untilStatus(stack, intent, 'partially_refunded', RECOVERED_WITHIN_MS);
      await untilLetter(stack, intent, 'refunded', RECOVERED_WITHIN_MS);
      const letters = [LETTERS.confirmed, LETTERS.refunded];
      const end = { ...BOUGHT_ONCE, status: 'partially_refunded', refunds: [PART_MINOR], letters };
      expect(await outcomeOf(stack, intent)).toEqual(end);
    }
    // Whoever died, and whenever: a lost database could be rebuilt to the last fact.
    const recorded = await factsRecorded(stack);
    await expect.poll(() => factsTold(stack), { timeout: 30_000 }).toEqual(recorded);
  }, 240_000);
});
