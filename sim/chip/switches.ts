// What a test or an operator may do: make an event happen and tell of it, change keys, find out where news goes.
import type { Hono } from 'hono';
import { refused } from '../controls.ts';
import { json, objectFrom, send, textFrom } from '../reply.ts';
import type { Reply, SimEnv } from '../reply.ts';
import { ChipError } from './errors.ts';
import { CHANNELS, channelsOf, eventOf, eventTypes } from './events.ts';
import { newKeyPair } from './keys.ts';
import { TAKEN } from './life.ts';
import { failFor, isOpen, payFor } from './paying.ts';
import { cancelPurchase, purchaseOf } from './purchases.ts';
import type { Payment, Purchase } from './objects.ts';
import { chargeBack, refund, reverseChargeback } from './refunds.ts';
import type { Sender } from './sender.ts';
import type { Channel, World } from './state.ts';

const MOST_COPIES = 100;

export function mountSwitches(app: Hono<SimEnv>, world: World, sender: Sender): void {
  app.post('/_sim/webhooks/:event', async (c) => {
    const body = objectFrom(await c.req.text()) ?? {};
    return send(c, tell(world, sender, { type: c.req.param('event'), body }));
  });
  app.post('/_sim/keys/:id', async (c) => {
    const id = c.req.param('id');
    if (!world.keys.get(id))
      return send(
        c,
        refused(
          `no such key; there are ${world.keys
            .values()
            .map((key) => key.id)
            .join(', ')}`,
        ),
      );
    const { publicKey } = world.keys.put(await newKeyPair(id));
    const webhook = world.webhooks.get(id);
    if (webhook) world.webhooks.put({ ...webhook, public_key: publicKey });
    return send(c, json(200, { id, public_key: publicKey }));
  });
}

type Asked = { type: string; body: Record<string, unknown> };

/** Makes it happen where it has not yet, and tells of it; with `apply: false` tells of it whether it is true or not. */
function tell(world: World, sender: Sender, { type, body }: Asked): Reply {
  const known = found(world, body);
  const purchase = known && purchaseOf(world, known.id);
  const channels = channelsIn(type, textFrom(body['channel']));
  const times = Number(body['times'] ?? 1);
  if (!eventTypes.includes(type)) return refused(`no such event; there are ${eventTypes.join(', ')}`);
  if (!purchase) return refused('send {purchase_id} or {reference} of a purchase there is');
  if (!channels) return refused('channel must be success_callback, webhook or both');
  if (!(times >= 1 && times <= MOST_COPIES)) return refused(`times must be from 1 to ${MOST_COPIES}`);
  if (body['apply'] !== false) {
    const problem = bringAbout(world, purchase, { type, body });
    if (problem) return refused(problem);
  }
  const event = eventOf(type, subjectOf(world, purchaseOf(world, purchase.id), type));
  world.events.put(event);
  const sent = sender.burst(event, channels, times).map(({ channel, url }) => ({ channel, url }));
  return json(200, { event: event.id, type, sent, object: event.object });
}

function found(world: World, body: Record<string, unknown>): Purchase | undefined {
  const id = textFrom(body['purchase_id']);
  return id === '' ? world.purchasesByReference.all(textFrom(body['reference'])).at(-1) : world.purchases.get(id);
}

function channelsIn(type: string, word: string): readonly Channel[] | undefined {
  if (word === '') return channelsOf(type);
  return word === 'both'
    ? CHANNELS
    : CHANNELS.find((channel) => channel === word) && CHANNELS.filter((it) => it === word);
}

/** Quietly: what is asked for is what is told, over the channels asked for. */
const QUIETLY: readonly Channel[] = [];

/** Why it cannot be so, if it cannot. What is no change of the purchase is always so. */
function bringAbout(world: World, purchase: Purchase, { type, body }: Asked): string | undefined {
  try {
    const done = DEEDS[type]?.(world, purchase, body) ?? true;
    return done ? undefined : `the purchase is ${purchase.status}; with apply: false it is told all the same`;
  } catch (error) {
    if (error instanceof ChipError) return error.message;
    throw error;
  }
}

type Deed = (world: World, purchase: Purchase, body: Record<string, unknown>) => boolean;

const DEEDS: Readonly<Record<string, Deed>> = {
  'purchase.paid': (world, purchase, { amount, currency }) => {
    if (!isOpen(purchase)) return TAKEN.has(purchase.status);
    const asked = purchase.purchase;
    const paid = { amount: Number(amount ?? asked.total), currency: textFrom(currency) || asked.currency };
    payFor(world, purchase, { paid, channels: QUIETLY });
    return true;
  },
  'purchase.payment_failure': (world, purchase) => {
    if (isOpen(purchase)) failFor(world, purchase, QUIETLY);
    return true;
  },
  'purchase.cancelled': (world, purchase) =>
    purchase.status === 'cancelled' || cancelPurchase(world, purchase.id, QUIETLY).status === 'cancelled',
  // As somebody would do it in CHIP's own portal; an amount always means one more.
  'payment.refunded': (world, purchase, { amount }) => {
    if (purchase.status === 'refunded' && amount === undefined) return true;
    refund(world, purchase, { amount: amount === undefined ? undefined : Number(amount), channels: QUIETLY });
    return true;
  },
  'payment.charged_back': (world, purchase) =>
    purchase.status === 'chargeback' || chargeBack(world, purchase, QUIETLY) !== undefined,
  'payment.chargeback_reversed': (world, purchase) =>
    purchase.status !== 'chargeback' || reverseChargeback(world, purchase, QUIETLY) !== undefined,
};

const TOLD_AS: Readonly<Record<string, Payment['payment']['payment_type']>> = {
  'payment.refunded': 'refund',
  'payment.charged_back': 'chargeback',
  'payment.chargeback_reversed': 'chargeback_reversal',
};

/** News of a payment carries the newest of its kind. */
function subjectOf(world: World, purchase: Purchase, type: string): Purchase | Payment {
  const kind = TOLD_AS[type];
  const payments = world.paymentsByPurchase.all(purchase.id);
  return payments.findLast(({ payment }) => payment.payment_type === kind) ?? purchase;
}
