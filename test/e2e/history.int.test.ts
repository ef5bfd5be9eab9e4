import { afterAll, beforeAll, expect, it } from 'vitest';

import { workflowIdOf } from '../../domain/ids.ts';
import { describeWith } from '../setup/parts.ts';
import { untilLetter, untilStatus } from './outcome.ts';
import { CARDS, CREATE_INTENT, askAgain, book, confirmCard, intentIn, orderFor, pay, signIn } from './shop.ts';
import type { Intent, JsonObject, Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTemporalView } from './temporal.ts';
import type { TemporalView } from './temporal.ts';
import { formsFoundIn } from './traces.ts';

const MEASURED = 20;
const MOST_EVENTS = 75;
const MOST_BYTES = 40 * 1024;

/** Everything that names a person in what follows, and nothing that occurs by chance. */
const PERSONAL = [
  'Zoë Quixotina',
  'Ñandúvar',
  'Γιώργος',
  'Παπαφιλίππου',
  '李小龍龍',
  '@travel.example',
  '+4915299887766',
  'PX9988776',
  'QUIXOTINA PASSPORTOVA',
];

/** What operators may read without the codec; that it is found proves that the search can find. */
const READABLE = ['bookingWorkflow', 'openPayment', 'BookingStatus', 'awaiting_payment'];
/** Stands in every payload and summary: seen in clear, nothing would be sealed. */
const SEALED = ['"bookingId"', 'Open the payment at its gateway'];

describeWith(['postgres', 'temporal'], 'what is kept of a booking', () => {
  let stack: Stack;
  let temporal: TemporalView;
  let alice: Visitor;

  beforeAll(async () => {
    stack = await startStack();
    [temporal, alice] = await Promise.all([openTemporalView(stack), signIn(stack, { sub: 'alice' })]);
  }, 120_000);
  afterAll(async () => {
    await temporal.close();
    await stack.stop();
  });

  /** An airport transfer asks for a flight and for the name in the passport. */
  const transferFor = (sentinel: string) =>
    orderFor({
      firstName: 'Zoë Quixotina',
      familyName: `Ñandúvar ${sentinel}`.trim(),
      change: {
        activity: {
          activity_id: '1005',
          activity_name: 'Airport Private Transfer',
          package_id: '2007',
          package_name: 'Sedan, up to 3',
        },
        items: [{ sku_id: '3008', name: 'Car', count: 1, price: '55.00' }],
        amount: '60.50',
        passengers: [
          {
            first_name: 'Γιώργος',
            family_name: 'Παπαφιλίππου',
            type: 'adult',
            otherinfo: [extra('passport', 'PX9988776')],
          },
          { first_name: '李小龍龍', family_name: 'Ñandúvar', type: 'child', otherinfo: [] },
        ],
        booking_extra_info: [extra('flight_number', 'ZQ 7391'), extra('passport', 'PX9988776')],
        unit_extra_info: [[extra('passport_name', 'QUIXOTINA PASSPORTOVA')]],
      },
    });

  const personal = (order: ReturnType<typeof transferFor>) => ({
    ...order,
    contact_info: { ...order.contact_info, mobile: '+4915299887766' },
  });

  async function travel(sentinel: string): Promise<Intent> {
    const order = personal(transferFor(sentinel));
    const answer = await askAgain(() => alice.post(CREATE_INTENT, order));
    expect(answer).toMatchObject({ status: 201 });
    return intentIn(answer);
  }

  /** Good ends and bad ones, with errors on the way: what goes wrong is what talks too much. */
  async function travelAll(): Promise<Intent[]> {
    const [good, declined, hiccup, soldOut, rejected, unpaid] = await Promise.all(
      ['', '', 'error-503-once', 'sold-out-at-pay', 'reject', ''].map(travel),
    );
    if (!good || !declined || !hiccup || !soldOut || !rejected || !unpaid) throw new Error('not booked');
    await confirmCard(stack, declined, CARDS.declined);
    await untilLetter(stack, declined, 'declined');
    await Promise.all([good, declined, hiccup, soldOut, rejected].map((intent) => pay(stack, intent)));
    await Promise.all([good, declined, hiccup].map((intent) => untilLetter(stack, intent, 'confirmed')));
    await Promise.all([soldOut, rejected].map((intent) => untilLetter(stack, intent, 'refunded')));
    const staff = await signIn(stack, { sub: 'sigrid', role: 'staff' });
    const reason = 'Zoë Quixotina Ñandúvar called from +4915299887766';
    const refunded = await staff.post(`/v1/bookings/${good.booking_id}/refunds`, { amount: 1_000, reason });
    expect(refunded).toMatchObject({ status: 200 });
    await untilStatus(stack, good, 'partially_refunded');
    return [good, declined, hiccup, soldOut, rejected, unpaid];
  }

  /** A write that fails in the middle is what a careless log prints with all its parameters. */
  async function failInTheMiddle(): Promise<void> {
    stack.apiDatabase.cut();
    const answer = await alice.post(CREATE_INTENT, personal(transferFor('')));
    stack.apiDatabase.mend();
    expect(answer.status).toBe(503);
  }

  it('names nobody, opens no door: histories, descriptions, logs, Stripe’s copy, our tables', async () => {
    const intents = await travelAll();
    await failInTheMiddle();
    const secrets = intents.map((intent) => intent.client_secret);
    const keys = [stack.jwtSecret, stack.webhookSecret, 'sk_test_holdfast', 'klook_test_holdfast'];

    // The search finds what is there: Klook was told everything, and a history says in clear what may be known.
    expect(formsFoundIn(JSON.stringify(stack.klook.state.orders.values()), PERSONAL)).toEqual(
      PERSONAL.filter((word) => !['Γιώργος', 'Παπαφιλίππου', '李小龍龍'].includes(word)),
    );
    const ids = intents.map(({ booking_id: id }) => workflowIdOf(id));
    for (const id of ids) {
      const { bytes } = await temporal.rawHistory(id);
      expect(formsFoundIn(bytes, READABLE)).toEqual(READABLE);
      expect(formsFoundIn(bytes, [...SEALED, ...PERSONAL, ...secrets, ...keys])).toEqual([]);
      expect(formsFoundIn(await temporal.rawDescription(id), [...PERSONAL, ...secrets, ...keys])).toEqual([]);
    }
    for (const program of [stack.api, stack.worker, stack.background]) {
      expect(program.lines.length).toBeGreaterThan(0);
      expect(formsFoundIn(program.lines.join('\n'), [...PERSONAL, ...secrets, ...keys])).toEqual([]);
    }
    expect(formsFoundIn(JSON.stringify(heldByStripe()), PERSONAL)).toEqual([]);
    expect(formsFoundIn(await ourTables(), PERSONAL)).toEqual([]);
  }, 120_000);

  const heldByStripe = () => {
    const { intents, charges, refunds, answers, events } = stack.stripe.state;
    return [intents, charges, refunds, answers, events].map((table) => table.values());
  };

  async function ourTables(): Promise<string> {
    const tables = await stack.rows<{ name: string }>(
      // The audit keeps what staff wrote, word for word.
      `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'audit'`,
    );
    const texts = tables.map(({ name }) =>
      stack.rows<{ text: string }>(`select row_to_json(t)::text as text from "${name}" t`),
    );
    return (await Promise.all(texts)).flatMap((rows) => rows.map(({ text }) => text)).join('\n');
  }

  it('stays small: a happy booking, and what twenty of them took', async () => {
    const created: number[] = [];
    const intents: Intent[] = [];
    for (let n = 0; n < MEASURED; n += 1) {
      const begun = performance.now();
      const intent = await book(alice);
      created.push(performance.now() - begun);
      await pay(stack, intent);
      await untilLetter(stack, intent, 'confirmed');
      intents.push(intent);
    }
    const [happy] = intents.slice(-1);
    const { events, bytes } = await temporal.rawHistory(workflowIdOf(String(happy?.booking_id)));
    const confirmed = await stack.rows<{ ms: number }>(
      `select extract(epoch from e.at - i.received_at)::float * 1000 as ms
         from inbox i join booking_events e on e.booking_id = i.booking_id and e.type = 'booking.confirmed'
        where i.type = 'payment_intent.succeeded' and i.booking_id = any($1)`,
      [intents.map(({ booking_id: id }) => id)],
    );
    const p50 = (values: number[]) => Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
    console.log(
      `create-intent p50 ${p50(created)} ms, webhook to confirmed p50 ${p50(confirmed.map(({ ms }) => ms))} ms ` +
        `(${MEASURED} bookings, one after the other); happy history ${events} events, ${bytes.length} bytes`,
    );
    expect(events).toBeLessThanOrEqual(MOST_EVENTS);
    expect(bytes.length).toBeLessThanOrEqual(MOST_BYTES);
  }, 120_000);
});

const extra = (key: string, content: string): JsonObject => ({ key, content, input_type: 'text' });
