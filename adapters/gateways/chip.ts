// CHIP Collect: a purchase has a page of CHIP's own, where the customer chooses how to pay.
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import type { Closed, Gateway, Taken } from '../../domain/payment.ts';
import { factOf, statusOf } from './chip-facts.ts';
import { answerOf, connectToChip, readAs, rejectionOf, wordsOf } from './chip-http.ts';
import type { ChipAccess, ChipCall } from './chip-http.ts';
import { createKeyRing } from './chip-keys.ts';
import type { WebhookKey } from './chip-keys.ts';
import { methodsOffered } from './chip-methods.ts';
import { beforeRefund, lookRefund, refund, returnableOf } from './chip-refunds.ts';
import { minimumMinor, start } from './chip-start.ts';
import { readChipWebhook } from './chip-webhook.ts';
import { purchaseWire } from './chip-wire.ts';
import type { PurchaseWire } from './chip-wire.ts';

export interface ChipConfig extends ChipAccess {
  readonly brandId: string;
  readonly callbackUrl: string;
  readonly webhookKeys: readonly WebhookKey[];
}

export function createChipGateway(config: ChipConfig, nowMs: () => number = Date.now): Gateway {
  const { brandId, apiBase, webhookKeys } = config;
  const call = connectToChip(config);
  const keys = createKeyRing({ call, told: webhookKeys, nowMs });
  const retrieve = (ref: string) => retrievePurchase(call, ref, nowMs());
  const read: Read = async (ref) => readAs(purchaseWire, await retrieve(ref));
  const refunds = { call, read, nowMs };
  const shop = { brandId, callbackUrl: canReach(config) ? config.callbackUrl : null };
  return {
    name: 'chip',
    asksForPayer: true,
    refundsOneByOne: true,
    minimumMinor,
    start: (order) => start(call, shop, order),
    look: async (ref) => {
      const answer = await retrieve(ref);
      return { ...factOf(readAs(purchaseWire, answer), nowMs()), answer: JSON.stringify(answer) };
    },
    door: async (ref) => {
      const { checkout_url: url } = await read(ref);
      return url ? { kind: 'redirect', url } : null;
    },
    close: (ref) => close(call, read, ref),
    capture: (ref) => capture(call, read, ref),
    beforeRefund: (ref) => beforeRefund(refunds, ref),
    refund: (order) => refund(refunds, order),
    returnable: async (ref) => returnableOf(await read(ref)),
    lookRefund: (order) => lookRefund(refunds, order),
    readWebhook: (raw, header, webhookId) =>
      readChipWebhook(keys, { raw, signature: header('x-signature'), webhookId: webhookId ?? null }),
    paymentMethods: (currency, amount) => methodsOffered(call, { brandId, apiBase, currency, amount }),
  };
}

/** CHIP itself calls no address with a port, nor one of this machine: given such, it would refuse the purchase. A stand-in does. */
function canReach({ apiBase, callbackUrl }: ChipConfig): boolean {
  const isChips = /(^|\.)chip-in\.asia$/.test(new URL(apiBase).hostname);
  const { hostname, port } = new URL(callbackUrl);
  return !isChips || (port === '' && hostname !== 'localhost' && !hostname.startsWith('127.'));
}

type Read = (ref: string) => Promise<PurchaseWire>;

const pathOf = (ref: string): string => `/purchases/${encodeURIComponent(ref)}/`;

/** The time keeps caches on the way from answering in CHIP's place. */
async function retrievePurchase(call: ChipCall, ref: string, nowMs: number): Promise<unknown> {
  const reply = await call('GET', `${pathOf(ref)}?time=${nowMs}`);
  if (reply.kind === 'refused' && reply.status === 404) throw new GatewayRejected('not_found', `CHIP has no ${ref}`);
  return answerOf(reply);
}

/** Cancelling twice is refused like cancelling what was paid: only looking tells them apart. */
async function close(call: ChipCall, read: Read, ref: string): Promise<Closed> {
  const reply = await call('POST', `${pathOf(ref)}cancel/`);
  if (reply.kind === 'answered') return closedOf(readAs(purchaseWire, reply.body));
  if (reply.status === 404) throw rejectionOf(reply);
  const purchase = await read(ref);
  return statusOf(purchase) === 'authorised' ? release(call, read, ref) : closedOf(purchase);
}

/** Money that is held is let go of; a cancellation knows only what nobody has paid. */
async function release(call: ChipCall, read: Read, ref: string): Promise<Closed> {
  const reply = await call('POST', `${pathOf(ref)}release/`);
  return closedOf(reply.kind === 'answered' ? readAs(purchaseWire, reply.body) : await read(ref));
}

function closedOf(purchase: PurchaseWire): Closed {
  const status = statusOf(purchase);
  if (status === 'cancelled') return { kind: 'closed' };
  if (status === 'succeeded') return { kind: 'already_paid' };
  if (status === 'processing') return { kind: 'in_flight' };
  throw new GatewayUnreachable(`CHIP has not let go of ${purchase.id}: it is ${purchase.status}`);
}

async function capture(call: ChipCall, read: Read, ref: string): Promise<Taken> {
  const reply = await call('POST', `${pathOf(ref)}capture/`, {});
  const purchase = reply.kind === 'answered' ? readAs(purchaseWire, reply.body) : await read(ref);
  if (statusOf(purchase) === 'succeeded') return { kind: 'captured' };
  if (reply.kind === 'answered' || purchase.status === 'pending_capture')
    throw new GatewayUnreachable(`CHIP is still at work on taking ${ref}`);
  return { kind: 'refused', code: reply.fault.code, message: wordsOf(reply.fault) };
}
