// The road of one API request: key, form, idempotency, fault, endpoint, expansion.
import type { Context } from 'hono';
import { HTTP_FAULTS, underFault } from '../faults.ts';
import { randomText } from '../random.ts';
import { cut, json } from '../reply.ts';
import type { Outcome, SimEnv } from '../reply.ts';
import type { Call } from './call.ts';
import { StripeError, errorReply, faultReply, unauthorized } from './errors.ts';
import { isIntent } from './events.ts';
import { parseForm } from './form.ts';
import type { Params } from './form.ts';
import { idempotent } from './idempotency.ts';
import type { Answer } from './idempotency.ts';
import { text } from './params.ts';
import { expanded, reducedIntent } from './reads.ts';
import type { Route } from './routes.ts';
import type { World } from './state.ts';

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Request-Id, Stripe-Should-Retry, Idempotent-Replayed',
};

export const preflight = {
  ...CORS,
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, stripe-version, stripe-account',
  'access-control-max-age': '300',
};

export async function serveApi(world: World, context: Context<SimEnv>, route: Route): Promise<Outcome> {
  const id = `req_${randomText(14)}`;
  const outcome = await answered(world, context, { route, id });
  if (outcome === cut) return cut;
  return { ...outcome, headers: { ...outcome.headers, ...CORS, 'request-id': id } };
}

async function answered(
  world: World,
  context: Context<SimEnv>,
  { route, id }: { route: Route; id: string },
): Promise<Outcome> {
  try {
    const params = await paramsOf(context);
    const call: Call = {
      id,
      method: route.method,
      path: context.req.path,
      target: context.req.param('id') ?? '',
      params,
      publishable: isPublishable(context, params, route),
      idempotencyKey: context.req.header('idempotency-key') || null,
    };
    return await executed(world, call, route);
  } catch (error) {
    return errorReply(error);
  }
}

/**
 * A delay or a 500 happens inside the endpoint, so it holds the idempotency key and a 500 is kept under it.
 * Any other fault happens on the way and leaves nothing behind.
 */
async function executed(world: World, call: Call, route: Route): Promise<Outcome> {
  const fault = world.faults.take(`${call.method} ${call.path}`, HTTP_FAULTS);
  const inside = fault?.kind === 'delay' || (fault?.kind === 'status' && fault.status === 500);
  const run = async (): Promise<Answer> => {
    let stored = true;
    const reply = await underFault(inside ? fault : undefined, faultReply, () => {
      const answer = endpointAnswer(world, call, route);
      stored = answer.stored;
      return answer.reply;
    });
    return { reply, stored };
  };
  const whole = () => idempotent(world, call, run);
  return inside ? whole() : underFault(fault, faultReply, whole);
}

function endpointAnswer(world: World, call: Call, route: Route): Answer {
  try {
    const body = route.endpoint(world, call);
    const visible = call.publishable && isIntent(body) ? reducedIntent(body) : body;
    return { reply: json(200, expanded(world, visible, call)), stored: true };
  } catch (error) {
    const shown = call.publishable ? withoutRecords(error) : error;
    return { reply: errorReply(shown), stored: !(error instanceof StripeError) || error.stored };
  }
}

/** A browser's error carries the reduced intent too. */
function withoutRecords(error: unknown): unknown {
  if (!(error instanceof StripeError)) return error;
  const { payment_intent: intent } = error.body;
  if (!isIntent(intent)) return error;
  return new StripeError(error.status, { ...error.body, payment_intent: reducedIntent(intent) }, error.stored);
}

async function paramsOf(context: Context<SimEnv>): Promise<Params> {
  const query = parseForm(new URL(context.req.url).search);
  if (context.req.method !== 'POST') return query;
  const body = await context.req.text();
  if (body !== '' && context.req.header('content-type')?.includes('json')) {
    throw new StripeError(
      400,
      {
        type: 'invalid_request_error',
        message: 'Invalid request (check that your POST content type is application/x-www-form-urlencoded).',
      },
      false,
    );
  }
  return { ...query, ...parseForm(body) };
}

function isPublishable(context: Context<SimEnv>, params: Params, route: Route): boolean {
  const key = keyFrom(context.req.header('authorization')) ?? text(params, 'key');
  if (!key) {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (/^(sk|rk)_test_\w+$/.test(key)) return false;
  if (!/^pk_test_\w+$/.test(key)) throw unauthorized(`Invalid API Key provided: ${masked(key)}`);
  if (!route.browser) {
    throw unauthorized(
      'This API call cannot be made with a publishable API key. Please use a secret API key.',
      'secret_key_required',
    );
  }
  return true;
}

function keyFrom(header: string | undefined): string | undefined {
  if (header?.startsWith('Bearer ')) return header.slice(7).trim();
  if (header?.startsWith('Basic ')) return Buffer.from(header.slice(6), 'base64').toString().split(':')[0];
  return undefined;
}

function masked(key: string): string {
  return `${key.slice(0, 7)}${'*'.repeat(Math.max(0, Math.min(24, key.length - 11)))}${key.slice(-4)}`;
}
