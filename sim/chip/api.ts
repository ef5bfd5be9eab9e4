// The road of one API request: key, body, fault, endpoint, error shape.
import type { Context } from 'hono';
import { HTTP_FAULTS, underFault } from '../faults.ts';
import type { Fault } from '../faults.ts';
import { isRecord, json, objectFrom, textFrom } from '../reply.ts';
import type { Outcome, Reply, SimEnv } from '../reply.ts';
import { errorReply, faultReply, refusal, unauthorized } from './errors.ts';
import { CREATE } from './routes.ts';
import type { ChipCall, Route } from './routes.ts';
import { sentinelIn } from './sentinels.ts';
import type { World } from './state.ts';

export async function serveApi(world: World, context: Context<SimEnv>, route: Route): Promise<Outcome> {
  const failure = (fault: Fault): Reply => faultReply(fault, world.settings.errors);
  try {
    checkKey(context.req.header('authorization'));
    const call = await callOf(context);
    const fault =
      world.faults.take(`${route.method} ${context.req.path}`, HTTP_FAULTS) ?? sentinelFault(world, route, call);
    return await underFault(fault, failure, () => answered(world, call, route));
  } catch (error) {
    return errorReply(error, world.settings.errors);
  }
}

/** Any key is right but one that calls itself wrong. */
function checkKey(header = ''): void {
  const key = /^Bearer (\S+)$/.exec(header)?.[1];
  if (!key || key.startsWith('wrong')) throw unauthorized();
}

async function callOf(context: Context<SimEnv>): Promise<ChipCall> {
  const text = context.req.method === 'GET' ? '' : await context.req.text();
  const body = text === '' ? {} : objectFrom(text);
  if (!body) throw refusal('parse_error', 'JSON parse error');
  return { target: context.req.param('id') ?? '', query: (name) => context.req.query(name), body };
}

async function answered(world: World, call: ChipCall, route: Route): Promise<Reply> {
  try {
    const answer = await route.endpoint(world, call);
    return answer === undefined ? { status: 204, text: '', headers: {} } : json(route.status ?? 200, answer);
  } catch (error) {
    return errorReply(error, world.settings.errors);
  }
}

/** The failure of transport that the payer's name asks for. */
function sentinelFault(world: World, { method, path }: Route, { body }: ChipCall): Fault | undefined {
  if (method !== 'POST' || path !== CREATE) return undefined;
  const name = isRecord(body['client']) ? textFrom(body['client']['full_name']) : '';
  const sentinel = sentinelIn(name);
  if (sentinel?.kind === 'error') return asFault('status', sentinel.status);
  if (sentinel?.word !== 'timeout-at-create') return undefined;
  const once = textFrom(body['reference']) || name;
  if (world.usedOnce.has(once)) return undefined;
  world.usedOnce.add(once);
  return asFault('drop_after', 0);
}

function asFault(kind: 'status' | 'drop_after', status: number): Fault {
  const never = {
    match: '',
    code: '',
    headers: {},
    ms: 0,
    after: false,
    times: null,
    probability: 1,
    seed: 0,
    hits: 0,
  };
  return { id: 'sentinel', kind, status, ...never };
}
