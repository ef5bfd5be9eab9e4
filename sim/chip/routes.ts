// Which endpoint answers which method and path.
import { balanceOf, turnoverOf } from './account.ts';
import { createPurchase } from './create.ts';
import { COMPANY } from './keys.ts';
import { listMethods } from './methods.ts';
import {
  cancelPurchase,
  capturePurchase,
  markAsPaid,
  purchaseOf,
  refundPurchase,
  releasePurchase,
} from './purchases.ts';
import { acceptedCurrencies } from './state.ts';
import type { World } from './state.ts';
import { changeWebhook, createWebhook, deleteWebhook, listWebhooks, patchWebhook, webhookOf } from './webhooks.ts';

export type ChipCall = {
  /** The id in the path, or empty. */
  target: string;
  query: (name: string) => string | undefined;
  body: Record<string, unknown>;
};

export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  status?: number;
  endpoint: (world: World, call: ChipCall) => unknown;
};

export const CREATE = '/purchases/';

export const routes: Route[] = [
  { method: 'POST', path: CREATE, status: 201, endpoint: (world, { body }) => createPurchase(world, body) },
  { method: 'GET', path: '/purchases/:id/', endpoint: (world, { target }) => purchaseOf(world, target) },
  { method: 'POST', path: '/purchases/:id/cancel/', endpoint: (world, { target }) => cancelPurchase(world, target) },
  {
    method: 'POST',
    path: '/purchases/:id/capture/',
    endpoint: (world, { target, body }) => capturePurchase(world, target, body),
  },
  { method: 'POST', path: '/purchases/:id/release/', endpoint: (world, { target }) => releasePurchase(world, target) },
  {
    method: 'POST',
    path: '/purchases/:id/refund/',
    endpoint: (world, { target, body }) => refundPurchase(world, target, body),
  },
  { method: 'POST', path: '/purchases/:id/mark_as_paid/', endpoint: (world, { target }) => markAsPaid(world, target) },
  {
    method: 'GET',
    path: '/payment_methods/',
    endpoint: (world, { query }) => listMethods(query, { currencies: acceptedCurrencies(world), url: world.url }),
  },
  { method: 'GET', path: '/public_key/', endpoint: companyKey },
  { method: 'GET', path: '/webhooks/', endpoint: (world) => listWebhooks(world) },
  { method: 'POST', path: '/webhooks/', status: 201, endpoint: (world, { body }) => createWebhook(world, body) },
  { method: 'GET', path: '/webhooks/:id/', endpoint: (world, { target }) => webhookOf(world, target) },
  { method: 'PUT', path: '/webhooks/:id/', endpoint: (world, { target, body }) => changeWebhook(world, target, body) },
  { method: 'PATCH', path: '/webhooks/:id/', endpoint: (world, { target, body }) => patchWebhook(world, target, body) },
  {
    method: 'DELETE',
    path: '/webhooks/:id/',
    status: 204,
    endpoint: (world, { target }) => deleteWebhook(world, target),
  },
  { method: 'GET', path: '/account/json/balance/', endpoint: (world) => balanceOf(world) },
  { method: 'GET', path: '/account/json/turnover/', endpoint: (world, { query }) => turnoverOf(world, query) },
];

/** A JSON string with a PEM in it. */
function companyKey({ keys, settings }: World): string {
  const pem = keys.get(COMPANY)?.publicKey ?? '';
  return settings.publicKey === 'escaped' ? pem.replaceAll('\n', String.raw`\n`) : pem;
}
