// What Stripe lists of ours: intents of both gateways, for a page ends in one too, and refunds. Others may share the account.
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Page, PageAsked, PaymentListed, RefundListed } from '../../domain/payment.ts';
import { intentWire } from './stripe-facts.ts';
import { DEAD, refundWire } from './stripe-refunds.ts';
import { asGatewayError, metadataWire, moneyOf, readAs } from './stripe.ts';

const LIMIT = 100;
const listWire = z.object({ data: z.array(z.unknown()), has_more: z.boolean() });
/** What was made in the dashboard bears no name but its payment's. */
const paymentWire = z.object({ payment_intent: z.object({ metadata: metadataWire }).nullish().catch(null) });
const heldWire = z.object({ amount_capturable: z.int().nullish() });

export const listPayments = (stripe: Stripe, asked: PageAsked): Promise<Page<PaymentListed>> =>
  pageOf(stripe.paymentIntents.list(paramsOf(asked)), (answer) => {
    const { id, currency, metadata, amount_received: received } = readAs(intentWire, answer);
    const bookingId = metadata?.['booking_id'];
    const held = readAs(heldWire, answer).amount_capturable ?? 0;
    const listed = bookingId && {
      ref: id,
      gateway: 'stripe_intent' as const,
      bookingId,
      paymentId: metadata['payment_id'] ?? null,
      taken: moneyOf(received + held, currency),
    };
    return { id, listed };
  });

export const listRefunds = (stripe: Stripe, asked: PageAsked): Promise<Page<RefundListed>> =>
  pageOf(stripe.refunds.list({ ...paramsOf(asked), expand: ['data.payment_intent'] }), (answer) => {
    const { id, status, amount, currency, metadata } = readAs(refundWire, answer);
    const bookingId = metadata?.['booking_id'] ?? readAs(paymentWire, answer).payment_intent?.metadata?.['booking_id'];
    const listed = bookingId && {
      ref: id,
      gateway: 'stripe_intent' as const,
      bookingId,
      refundId: metadata?.['refund_id'] ?? null,
      amount: moneyOf(amount, currency),
      isMade: !DEAD.has(status ?? ''),
    };
    return { id, listed };
  });

const paramsOf = ({ since, after }: PageAsked) => ({
  created: { gte: Math.floor(since.getTime() / 1000) },
  limit: LIMIT,
  ...(after && { starting_after: after }),
});

interface Entry<T> {
  readonly id: string;
  readonly listed: T | '' | undefined;
}

async function pageOf<T extends object>(
  asking: Promise<unknown>,
  read: (answer: unknown) => Entry<T>,
): Promise<Page<T>> {
  try {
    const { data, has_more } = readAs(listWire, await asking);
    const entries = data.map(read);
    const next = has_more ? (entries.at(-1)?.id ?? null) : null;
    return { items: entries.flatMap(({ listed }) => listed || []), next };
  } catch (error) {
    throw asGatewayError(error);
  }
}
