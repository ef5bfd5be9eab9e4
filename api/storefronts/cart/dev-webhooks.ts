// Has the stand-in for CHIP say something, signed with the key that only it has. On a developer's machine and nowhere else.
import { createRoute, z } from '@hono/zod-openapi';
import { isOnThisMachine, json, jsonBody, refusals } from '../../bookings.ts';
import type { Desk, Router } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import { cartArea } from './area.ts';

const Telling = z
  .object({
    purchase_id: z.string().max(64).optional(),
    reference: z.string().max(128).optional(),
    channel: z.enum(['success_callback', 'webhook', 'both']).optional(),
  })
  .refine(({ purchase_id, reference }) => purchase_id !== undefined || reference !== undefined, {
    message: 'needs purchase_id or reference',
    path: ['purchase_id'],
  });

const route = createRoute({
  method: 'post',
  path: '/dev/webhooks/chip/{event}',
  tags: ['development'],
  summary: 'Have the stand-in for CHIP tell of an event',
  description: 'Exists only with DEV_ROUTES=true, and while CHIP_API_BASE is a stand-in on this machine.',
  request: {
    params: z.object({ event: z.string().regex(/^[a-z_]+\.[a-z_]+$/) }),
    body: jsonBody(Telling, { reference: '$CART_ID' }),
  },
  responses: {
    200: json('What the stand-in did', z.record(z.string(), z.unknown())),
    ...refusals(cartArea, 'not_json', 'invalid', 'not_found', 'provider_error'),
  },
});

const TIMEOUT_MS = 5_000;

export function addDevWebhooks(router: Router, { config }: Desk): void {
  const { apiBase } = config.chip;
  if (!config.devRoutes || !isLoopback(apiBase)) return;
  router.openapi(route, async (c) => {
    if (!isOnThisMachine(c)) throw new VisibleError('not_found', 'There is nothing here.');
    const url = new URL(`/_sim/webhooks/${c.req.valid('param').event}`, apiBase);
    const answer = await told(url, c.req.valid('json'));
    if (answer.status === 404) throw new VisibleError('not_found', 'The stand-in knows no such purchase or event.');
    if (!answer.ok) throw new VisibleError('invalid', `The stand-in refused: ${await answer.text()}`);
    return c.json(z.record(z.string(), z.unknown()).parse(await answer.json()), 200);
  });
}

async function told(url: URL, body: z.output<typeof Telling>): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new VisibleError('provider_error', 'The stand-in does not answer.', { cause });
  }
}

const isLoopback = (base: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(base).hostname);
