import { afterAll, beforeAll, expect, it } from 'vitest';

import { latePaymentIdOf, workflowIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import {
  BOUGHT_ONCE,
  GIVEN_BACK,
  GIVEN_BACK_LEDGER,
  LETTERS,
  arm,
  factsOf,
  ledgerOf,
  outcomeOf,
  untilBought,
  untilGivenBack,
  untilHit,
  untilLetter,
  untilStatus,
} from './outcome.ts';
import { ask, book, json, pay, signIn } from './shop.ts';
import type { Intent, Visitor, Wish } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTemporalView } from './temporal.ts';
import type { TemporalView } from './temporal.ts';
import { until } from './until.ts';

describeWith(['postgres', 'temporal'], 'a booking that is not paid in time', () => {
  let stack: Stack;
  let temporal: TemporalView;
  let alice: Visitor;

  beforeAll(async () => {
    stack = await startStack({ environment: { PAYMENT_WINDOW: 'trektoo=3s' } });
    [temporal, alice] = await Promise.all([openTemporalView(stack), signIn(stack, { sub: 'alice' })]);
  }, 120_000);
  afterAll(async () => {
    await temporal.close();
    await stack.stop();
  });

  const expired = async (wish: Wish = {}): Promise<Intent> => {
    const intent = await book(alice, wish);
    await untilStatus(stack, intent, 'expired');
    await untilLetter(stack, intent, 'expired');
    return intent;
  };

  /** Stripe itself would not let a cancelled intent be paid: this stands for money that was on its way nevertheless. */
  const payLate = async (intent: Intent) => {
    const { intents } = stack.stripe.state;
    const held = intents.get(intent.payment_intent_id);
    if (!held) throw new Error('Stripe does not hold the intent');
    intents.put({ ...held, status: 'requires_payment_method', canceled_at: null, cancellation_reason: null });
    await pay(stack, intent);
  };

  it('is closed at Stripe, then expires, and its customer is told', async () => {
    const intent = await expired();
    expect(stack.stripe.state.intents.get(intent.payment_intent_id)?.status).toBe('canceled');
    expect(await outcomeOf(stack, intent)).toMatchObject({ intents: 1, captures: [], orders: [] });
    const facts = await factsOf(stack, intent.booking_id);
    expect(facts.indexOf('payment.closed')).toBeLessThan(facts.indexOf('booking.expired'));
    expect(await ledgerOf(stack, intent.booking_id)).toEqual({});
  }, 60_000);

  it('is fulfilled when the money was faster than our closing', async () => {
    const closing = arm(stack.stripe, { kind: 'delay', match: '^POST /v1/payment_intents/\\w+/cancel$', ms: 3_000 });
    const intent = await book(alice);
    await untilHit(closing);
    await pay(stack, intent);
    stack.stripe.state.faults.clear();
    await untilBought(stack, intent);
    expect(await outcomeOf(stack, intent)).toEqual(BOUGHT_ONCE);
    expect(await factsOf(stack, intent.booking_id)).not.toContain('booking.expired');
  }, 60_000);

  it('is revived by money that comes after all', async () => {
    const intent = await expired();
    await payLate(intent);
    await untilBought(stack, intent);
    expect(await outcomeOf(stack, intent)).toEqual({ ...BOUGHT_ONCE, letters: [LETTERS.expired, LETTERS.confirmed] });
    expect(await factsOf(stack, intent.booking_id)).toContain('booking.revived');
  }, 60_000);

  it('gives late money back when the trip can’t be bought any more', async () => {
    const intent = await expired({ familyName: 'Doe sold-out' });
    await payLate(intent);
    await untilGivenBack(stack, intent);
    expect(await outcomeOf(stack, intent)).toEqual({ ...GIVEN_BACK, letters: [LETTERS.expired, LETTERS.refunded] });
    expect(await ledgerOf(stack, intent.booking_id)).toEqual(GIVEN_BACK_LEDGER);
  }, 60_000);

  it('gives late money back once when its workflow is over, however often it is told', async () => {
    const intent = await expired();
    const workflow = temporal.workflow.getHandle(workflowIdOf(intent.booking_id));
    // One that ends by itself has nothing under way: what it had read meanwhile it would have acted on.
    await untilAllIsHeard(intent);
    await until({
      what: 'the workflow to be still',
      look: async () => {
        const { pendingActivities = [], pendingWorkflowTask } = (await workflow.describe()).raw;
        return pendingActivities?.length === 0 && !pendingWorkflowTask;
      },
    });
    await workflow.terminate('stands for the end of its seven days');
    // A workflow that is not there is believed only of a booking that is not brand new.
    await stack.rows(`update bookings set created_at = now() - interval '8 days' where id = $1`, [intent.booking_id]);
    await payLate(intent);
    await until({
      what: 'the money to go back',
      look: async () => (await outcomeOf(stack, intent)).refunds.length > 0,
      instead: () => factsOf(stack, intent.booking_id),
    });
    await resendAll(intent);
    const late = temporal.workflow.getHandle(latePaymentIdOf(intent.payment_intent_id));
    await until({
      what: 'its workflow to end',
      look: async () => (await late.describe()).status.name === 'COMPLETED',
    });
    await untilLetter(stack, intent, 'tooLate');
    expect(await outcomeOf(stack, intent)).toEqual({ ...GIVEN_BACK, letters: [LETTERS.expired, LETTERS.tooLate] });
    expect(await ledgerOf(stack, intent.booking_id)).toEqual(GIVEN_BACK_LEDGER);
  }, 60_000);

  async function resendAll({ payment_intent_id: ref }: Intent): Promise<void> {
    const about = stack.stripe.state.events.values().filter(({ data }) => JSON.stringify(data).includes(ref));
    for (const { id } of about) await ask(`${stack.stripe.url}/_sim/events/${id}/resend`, json({ times: 5 }));
    await untilAllIsHeard({ payment_intent_id: ref });
  }

  async function untilAllIsHeard({ payment_intent_id: ref }: Pick<Intent, 'payment_intent_id'>): Promise<void> {
    await until({
      what: 'the inbox to be worked off',
      look: async () => {
        const open = await stack.rows(`select 1 from inbox where payment_ref = $1 and state = 'pending'`, [ref]);
        const waiting = stack.stripe.state.deliveries.values().some(({ status }) => status === 'pending');
        return open.length === 0 && !waiting;
      },
    });
  }
});
