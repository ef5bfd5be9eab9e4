// What a shop must know before anybody signs in.
import { createRoute, z } from '@hono/zod-openapi';
import type { Desk } from '../bookings.ts';
import { json } from '../http/router.ts';
import type { Router } from '../http/router.ts';

const Method = z.object({
  id: z.string(),
  name: z.string(),
  gateway: z.string(),
  storefronts: z.array(z.string()),
  nextAction: z.enum(['confirm_card', 'redirect', 'none']),
});
const Settings = z.object({
  brand: z.string(),
  supportEmail: z.string(),
  publishableKey: z.string(),
  markup: z.object({ type: z.enum(['percent', 'fixed']), value: z.string() }),
  fxPairs: z.array(z.string()).openapi({ description: 'Supplier currency / charge currency' }),
  paymentWindowSeconds: z.record(z.string(), z.int()),
});

const METHODS: readonly z.output<typeof Method>[] = [
  { id: 'card', name: 'Card', gateway: 'stripe_intent', storefronts: ['trektoo'], nextAction: 'confirm_card' },
];

export function addSettings(router: Router, { config }: Desk): void {
  const methods = createRoute({
    method: 'get',
    path: '/v1/payment-methods',
    tags: ['settings'],
    summary: 'How one can pay',
    description: 'Wallets such as Apple Pay and Google Pay are part of `card`: the gateway’s own form offers them.',
    responses: { 200: json('The methods', z.object({ items: z.array(Method) })) },
  });
  router.openapi(methods, (c) => c.json({ items: [...METHODS] }, 200));

  const settings = createRoute({
    method: 'get',
    path: '/v1/config',
    tags: ['settings'],
    summary: 'Public settings',
    responses: { 200: json('The settings', Settings) },
  });
  router.openapi(settings, (c) => {
    const { brand, supportEmail, stripe, pricing, paymentWindowMs } = config;
    const paymentWindowSeconds = Object.fromEntries(
      Object.entries(paymentWindowMs).map(([name, ms]) => [name, ms / 1_000]),
    );
    const fxPairs = [...pricing.fxRates.keys()];
    const { publishableKey } = stripe;
    return c.json({ brand, supportEmail, publishableKey, markup: pricing.markup, fxPairs, paymentWindowSeconds }, 200);
  });
}
