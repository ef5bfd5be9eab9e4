// Every path that takes Stripe's webhooks takes all of them: whichever secret signed, whatever kind of object it speaks of.
import { eq } from 'drizzle-orm';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { Router } from '../../api/http/router.ts';
import { inbox } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';

const SECRETS = ['whsec_next', 'whsec_old', 'whsec_of_another_shop'];
const METADATA = { booking_id: 'bk_1', payment_id: 'pay_bk_1_1' };

interface Kind {
  readonly type: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly means: Readonly<Record<string, unknown>>;
}

const KINDS: readonly Kind[] = [
  {
    type: 'payment_intent.succeeded',
    object: { id: 'pi_1', object: 'payment_intent', status: 'succeeded', metadata: METADATA },
    means: { paymentRef: 'pi_1', effect: 'succeeded', bookingId: 'bk_1', paymentId: 'pay_bk_1_1' },
  },
  {
    type: 'checkout.session.completed',
    object: { id: 'cs_1', object: 'checkout.session', payment_status: 'paid', metadata: METADATA },
    means: { paymentRef: 'cs_1', effect: 'completed/paid', bookingId: 'bk_1', paymentId: 'pay_bk_1_1' },
  },
  {
    type: 'charge.refunded',
    object: { id: 'ch_1', object: 'charge', payment_intent: 'pi_1', amount_refunded: 5, metadata: METADATA },
    means: { paymentRef: 'pi_1', effect: 'refunded/5', bookingId: 'bk_1', paymentId: 'pay_bk_1_1' },
  },
  {
    type: 'charge.dispute.created',
    object: { id: 'dp_1', object: 'dispute', payment_intent: 'pi_1', status: 'needs_response', metadata: {} },
    means: { paymentRef: 'pi_1', effect: 'dispute/created', bookingId: null, paymentId: null },
  },
];

let sent = 0;

describeWith('postgres', "the paths of Stripe's webhooks", () => {
  let bench: Bench;
  let app: Router;
  let paths: string[];
  beforeAll(async () => {
    bench = await openBench({ STRIPE_WEBHOOK_SECRET: SECRETS.join(',') });
    app = createApp(bench.deps);
    paths = await webhookPaths();
  });
  beforeEach(async () => {
    await bench.database.db.delete(inbox);
  });
  afterAll(() => bench.close());

  /** As the document has them, so that a storefront that is added is asked too. */
  async function webhookPaths(): Promise<string[]> {
    const document: unknown = await (await app.request('/openapi.json')).json();
    return Object.entries(Object(Object(document).paths))
      .filter(([, item]) => JSON.stringify(item).includes('stripeSignature'))
      .map(([path]) => path);
  }

  const send = async (path: string, { type, object }: Pick<Kind, 'type' | 'object'>, secret: string) => {
    const id = `evt_${(sent += 1)}`;
    const payload = JSON.stringify({ id, type, data: { object } });
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
    const response = await app.request(path, {
      method: 'POST',
      body: payload,
      headers: { 'Content-Type': 'application/json', 'Stripe-Signature': signature },
    });
    const [row] = await bench.database.db.select().from(inbox).where(eq(inbox.eventId, id));
    return { path, status: response.status, body: await response.json(), row };
  };

  it('are one for each storefront that is paid at Stripe', () => {
    expect(paths).toEqual(
      expect.arrayContaining([
        '/api/webhooks/stripe',
        '/api/v1/payment/webhook',
        '/payment/webhook',
        '/api/payments/webhook/',
      ]),
    );
  });

  it.each(KINDS)('take $type, whoever has signed it', async ({ means, ...news }) => {
    for (const path of paths) {
      for (const secret of SECRETS) {
        const row = { verdict: 'verified', state: 'pending', channel: path, type: news.type, ...means };
        expect(await send(path, news, secret)).toMatchObject({ path, status: 200, body: { received: true }, row });
      }
    }
  });

  it('refuse what a stranger signed, each in the shape of its storefront, and keep no event of it', async () => {
    const [news] = KINDS;
    if (!news) throw new Error('no kinds');
    for (const path of paths) {
      const { status, row } = await send(path, news, 'whsec_stranger');
      expect([path, status, row]).toEqual([path, 400, undefined]);
    }
    const verdicts = await bench.database.db.select({ verdict: inbox.verdict, bookingId: inbox.bookingId }).from(inbox);
    expect(verdicts).toEqual(paths.map(() => ({ verdict: 'rejected', bookingId: null })));
  });
});
