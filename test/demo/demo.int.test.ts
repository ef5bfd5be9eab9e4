import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { until } from '../e2e/until.ts';
import { describeWith } from '../setup/parts.ts';
import { openBroker, readTopics } from '../worker/kafka-bench.ts';
import { npmStart, readStack, runDemo, surroundings } from './demo-bench.ts';
import type { Ended, RunningStack, Surroundings } from './demo-bench.ts';

const ROAD_WITHIN_MS = 120_000;
const START_WITHIN_MS = 180_000;

interface Road {
  readonly args: readonly string[];
  /** What must have been shown on the way, in this order. */
  readonly shows: readonly string[];
}

const SOLD = [
  'payment captured: USD 93.50',
  'paid USD 85.00',
  'booking confirmed',
  'is confirmed"',
  'left for us',
  'voucher-1.pdf',
];
const GIVEN_BACK = [
  'payment captured: USD 93.50',
  'giving everything back',
  'refund succeeded',
  '"Refund for your booking',
];

/** It takes a minute, of which nearly all is waited: begun first, and looked at when the others have gone. */
const UNHEARD = 'the webhook is lost: found by polling';

const ROADS: Record<string, Road> = {
  'a good card: booked, paid once, vouchers and receipt mailed': {
    args: [],
    shows: ['create-intent', 'succeeded', 'signature verified', ...SOLD],
  },
  'a declined card, then a good one: paid once': {
    args: ['--card', 'declined'],
    shows: ['[generic_decline]', 'did not go through"', 'tries again', ...SOLD],
  },
  'an empty card, then a good one: paid once': {
    args: ['--card', 'insufficient'],
    shows: ['[insufficient_funds]', 'did not go through"', 'tries again', ...SOLD],
  },
  '3-D Secure: nothing is paid before the page is passed': {
    args: ['--card', '3ds'],
    shows: ['asks for 3-D Secure', 'passes the page of the bank', ...SOLD],
  },
  'sold out after the payment: everything goes back': {
    args: ['--sold-out'],
    shows: ['sold to somebody else', ...GIVEN_BACK],
  },
  'the price rises after the payment: everything goes back': {
    args: ['--price-change'],
    shows: ['the price rises', ...GIVEN_BACK],
  },
  'airport: booked, declined, paid, confirmed over its wire': {
    args: ['--storefront', 'airport'],
    shows: [
      'GET /services',
      'POST /bookings',
      '"amount_mismatch"',
      '[generic_decline]',
      '"success": false',
      '"paymentStatus": "completed", "bookingStatus": "confirmed"',
      'GET /payment/status/',
      'Ledger',
      'profit is 437.61',
    ],
  },
  'dreamscape: replaced, paid, given back in parts, cancelled, told in order': {
    args: ['--storefront', 'dreamscape'],
    shows: [
      'the intent is replaced',
      'booking confirmed',
      '"remaining": 45000',
      '"remaining": 25000',
      '"refund_exceeds_captured"',
      '"remaining": 0',
      '"status": "canceled"',
      'waits in the outbox',
      'payment.completed, booking.confirmed, payment.refunded, payment.refunded, payment.refunded',
    ],
  },
  'travello: declined, paid, refunded and paid anew; on arrival; in dollars': {
    args: ['--storefront', 'travello'],
    shows: [
      '"payment_status": "NOT_INITIATED"',
      "on Stripe's page: declined",
      '"payment_status": "FAILED"',
      '"payment_status": "SUCCEEDED"',
      'Payment already processed',
      '"payment_status": "REFUNDED", "payment_required": true',
      'paid anew',
      'Payment method must be ONLINE',
      'User not authorized',
      'takes no rupees',
      '"charged_currency": "USD"',
      'The stay paid on arrival',
    ],
  },
  'cart: filled in two tabs, frozen, paid at CHIP, one order': {
    args: ['--storefront', 'cart'],
    shows: [
      'GET /products',
      '"if_match_required"',
      '"cart_version_conflict"',
      'POST /checkout: the cart is frozen',
      '"reused_intent": true',
      '"has_intent": true, "valid": true',
      "fpx on CHIP's page: paid",
      'payment captured: MYR 113.25  (CHIP keeps',
      '"order_not_found"',
      'order.paid  key HF-',
      'its payment was recorded 1 time(s)',
    ],
  },
  'cart changed after its payment was asked for: only the fresh page takes money, at its frozen price': {
    args: ['--storefront', 'cart', '--change-cart'],
    shows: [
      '"reason": "cart_changed"',
      'booking: cancelled',
      'the old page, still open in a tab  (410',
      'the voucher is taken off',
      'payment captured: MYR 134.15',
      'its purchase at CHIP is cancelled',
      'other purchases of its cart at CHIP: cancelled',
    ],
  },
  'cart whose payment nobody tells of: ordered by the page its customer comes back to': {
    args: ['--storefront', 'cart', '--late-webhook'],
    shows: [
      'tells nobody of payments',
      'CHIP has told of nothing',
      'now both come, late',
      'webhook   purchase.paid',
      '"Thank you: your order is paid"',
      'its payment was recorded 1 time(s)',
    ],
  },
  'cart whose payment fails: said so, then paid by another method': {
    args: ['--storefront', 'cart', '--failed'],
    shows: [
      "fpx on CHIP's page: failed",
      'is back on /checkout/failure/...: "Nothing was paid"',
      "duitnow_qr on CHIP's page: paid",
      'staff see it confirmed, 113.25 paid',
      '"Thank you: your order is paid"',
    ],
  },
  [UNHEARD]: {
    args: ['--lost-webhook'],
    shows: ['will lose the webhook', 'payment captured', 'found by polling', 'booking confirmed'],
  },
  'no balance at Klook: waits for staff, then goes on': {
    args: ['--no-balance'],
    shows: [
      'drops from',
      'needs attention: pay the supplier',
      '"Needs attention',
      'tops the balance up',
      'paid USD 85.00',
      'booking confirmed',
    ],
  },
};

describeWith(['postgres', 'temporal'], 'npm run demo', () => {
  describe('on a running stack', () => {
    let around: Surroundings;
    let stack: RunningStack;
    let unheard: Promise<Ended>;

    beforeAll(async () => {
      around = await surroundings();
      stack = await npmStart(around);
      unheard = runDemo(around, ROADS[UNHEARD]?.args ?? []);
      // Or it would be the webhook of another road.
      await until({ what: 'the webhook to be lost', look: async () => (await webhooksLost(stack)) === 1 });
    }, START_WITHIN_MS);
    afterAll(async () => {
      await stack.stop();
      await around.remove();
    }, 60_000);

    it.each(Object.entries(ROADS))(
      '%s',
      async (name, { args, shows }) => {
        const { code, said } = await (name === UNHEARD ? unheard : runDemo(around, args));

        expect(code, said).toBe(0);
        expect(firstMissing(said, shows), said).toBeUndefined();
        expect(said).not.toMatch(/^ {2}NOT /m);
        expect(said, 'nobody watches, so nothing but text').toMatch(/^[\n\u0020-\u007E]*$/);
        for (const file of savedPapers(said)) expect((await readFile(file)).subarray(0, 5).toString()).toBe('%PDF-');
      },
      ROAD_WITHIN_MS,
    );

    it(
      'says in one sentence why it broke off, and puts back what it changed',
      async () => {
        const fault = { match: 'POST /v1/payment_intents/.*/confirm', kind: 'status', status: 503, times: 1 };
        await fetch(`${stack.urls['stripe']}/_sim/faults`, { method: 'POST', body: JSON.stringify(fault) });
        const balance = () => readBalance(stack);
        const before = await balance();
        const { code, said } = await runDemo(around, ['--no-balance']);

        expect(code).toBe(1);
        expect(said.trimEnd().split('\n').at(-1)).toMatch(/^Stripe answered the card with 503: .+/);
        expect(await balance()).toEqual(before);
      },
      ROAD_WITHIN_MS,
    );
  });

  it(
    'starts a stack when none runs, and stops it in the end',
    async () => {
      const around = await surroundings();
      try {
        const { code, said } = await runDemo(around, []);

        expect(code, said).toBe(0);
        const shows = ['starting one with npm start', 'started by this demo', ...SOLD, 'Stopping the stack'];
        expect(firstMissing(said, shows), said).toBeUndefined();
        expect(await readStack(around.dataDir)).toBeUndefined();
        await expect(fetch(`http://127.0.0.1:${around.environment['PORT']}/livez`)).rejects.toThrow('fetch failed');
      } finally {
        await around.remove();
      }
    },
    START_WITHIN_MS,
  );
});

describeWith(['postgres', 'temporal', 'kafka'], 'npm run demo with a broker', () => {
  it(
    'tells Kafka what another service must know',
    async () => {
      const [around, broker] = await Promise.all([surroundings(), openBroker()]);
      try {
        around.environment['KAFKA_BROKERS'] = broker.address;
        const { code, said } = await runDemo(around, ['--storefront', 'dreamscape']);

        expect(code, said).toBe(0);
        expect(
          firstMissing(said, ['Told to Kafka', 'payment.completed', 'ok    The paid booking: Kafka has']),
          said,
        ).toBeUndefined();
        const topics = ['payment.completed', 'booking.confirmed', 'payment.refunded', 'payment.canceled'];
        const told = await readTopics(broker.address, topics, (all) => all.length >= 6);
        expect(told.map(({ topic }) => topic).toSorted()).toEqual(
          [...topics, 'payment.refunded', 'payment.refunded'].toSorted(),
        );
      } finally {
        await broker.remove();
        await around.remove();
      }
    },
    START_WITHIN_MS,
  );
});

/** The first of the parts that does not follow the one before it. */
function firstMissing(text: string, parts: readonly string[]): string | undefined {
  let from = 0;
  return parts.find((part) => {
    const found = text.indexOf(part, from);
    from = found + part.length;
    return found === -1;
  });
}

const savedPapers = (said: string): string[] => [...said.matchAll(/^ {2}(\/\S+\.pdf) /gm)].map(([, file = '']) => file);

async function webhooksLost({ urls }: RunningStack): Promise<number> {
  const answer = await fetch(`${urls['stripe']}/_sim/faults`);
  const { faults } = (await answer.json()) as { faults: readonly { kind: string; hits: number }[] };
  return faults.filter(({ kind, hits }) => kind === 'webhook_drop' && hits > 0).length;
}

async function readBalance({ urls }: RunningStack): Promise<unknown> {
  const response = await fetch(`${urls['klook']}/_sim/state?only=balance_minor`);
  return response.json();
}
