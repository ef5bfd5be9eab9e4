// What CHIP tells: by the callback of one purchase, or by a webhook with a key of its own. One handler, whichever way it comes.
import { createRoute, z } from '@hono/zod-openapi';
import { json, refusals } from '../../bookings.ts';
import type { Desk, Router } from '../../bookings.ts';
import { cartArea } from './area.ts';

const Acknowledged = z.object({ received: z.literal(true) });
const Signed = z.object({
  'X-Signature': z
    .string()
    .optional()
    .openapi({ param: { required: true }, description: 'RSA over the raw body' }),
});

const described = {
  method: 'post' as const,
  tags: ['cart'],
  // The bytes are what is signed, so nothing may parse them before.
  responses: {
    200: json('Stored', Acknowledged),
    ...refusals(cartArea, 'forged', 'too_large', 'rate_limited', 'unavailable'),
  },
};
const body = { required: true, content: { 'application/json': { schema: { type: 'object' as const } } } };
const TOLD =
  'Authenticated by its signature only. Stored before it is acknowledged; sent twice, or by both channels, it has one effect. ' +
  'Types that change nothing are stored and ignored.';

export function addChipWebhooks(router: Router, { inbox, gateways }: Desk): void {
  const callback = createRoute({
    ...described,
    path: '/webhooks/chip',
    summary: 'Success callback of a purchase',
    description: `${TOLD} Signed with the key of the company.`,
    request: { headers: Signed, body },
  });
  router.openapi(callback, async (c) => {
    await inbox.receive(c, { gateway: gateways.chip, channel: 'success_callback' });
    return c.json({ received: true as const }, 200);
  });
  const webhook = createRoute({
    ...described,
    path: '/webhooks/chip/{webhook_id}',
    summary: 'Webhook of the payment gateway',
    description: `${TOLD} Signed with the key of the webhook that the path names; of one that CHIP does not know, with the company's.`,
    request: { headers: Signed, params: z.object({ webhook_id: z.string().max(64) }), body },
  });
  router.openapi(webhook, async (c) => {
    const { webhook_id: webhookId } = c.req.valid('param');
    await inbox.receive(c, { gateway: gateways.chip, channel: `webhook/${webhookId}`, webhookId });
    return c.json({ received: true as const }, 200);
  });
}
