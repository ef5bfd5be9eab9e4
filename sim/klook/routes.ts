// Which endpoint answers which method and path, and where sentinel names strike.
import type { Fault } from '../faults.ts';
import { isRecord, textFrom } from '../reply.ts';
import { listActivities, listCategories, listSchedules, readActivity, readQuestions } from './browse.ts';
import { applyBody, applyCancel, cancelStatus, cancelV2Body } from './cancel.ts';
import { checkAvailability, createOrder, validateOrder } from './create.ts';
import { detailBody, listOrders, readOrder, resendVoucher } from './detail.ts';
import { decimal } from './money.ts';
import { payOrder } from './pay.ts';
import { sentinelIn } from './sentinels.ts';
import type { Sentinel } from './sentinels.ts';
import { BALANCE_CURRENCY } from './state.ts';
import type { World } from './state.ts';
import { utcText } from './times.ts';

export type KlookCall = {
  /** The id in the path, or empty. */
  target: string;
  query: (name: string) => string | undefined;
  /** The parsed body; `undefined` when it was not JSON. */
  body: unknown;
};

export type Route = {
  method: 'GET' | 'POST';
  path: string;
  endpoint: (world: World, call: KlookCall) => unknown;
};

const CREATE = '/v3/orders';
const PAY = '/v3/pay/balance/:id';

export const routes: Route[] = [
  { method: 'GET', path: '/v3/products/categories', endpoint: listCategories },
  { method: 'GET', path: '/v3/activities', endpoint: (world, call) => listActivities(world, call.query) },
  { method: 'GET', path: '/v3/activities/:id', endpoint: (world, call) => readActivity(world, call.target) },
  {
    method: 'GET',
    path: '/v3/products/skus/:id/schedules',
    endpoint: (world, call) => listSchedules(world, call.target, call.query),
  },
  { method: 'GET', path: '/v3/otherinfo/:id/products', endpoint: (world, call) => readQuestions(world, call.target) },
  { method: 'POST', path: '/v3/availability/check', endpoint: (world, call) => checkAvailability(world, call.body) },
  { method: 'POST', path: '/v3/orders/validation', endpoint: (world, call) => validateOrder(world, call.body) },
  { method: 'POST', path: CREATE, endpoint: (world, call) => createOrder(world, call.body) },
  { method: 'POST', path: PAY, endpoint: (world, call) => payOrder(world, call.target) },
  {
    method: 'GET',
    path: '/v2/orders/:id',
    endpoint: (world, call) => detailBody(world, readOrder(world, call.target)),
  },
  { method: 'GET', path: '/v2/bookings', endpoint: (world, call) => listOrders(world, call.query) },
  {
    method: 'POST',
    path: '/v2/orders/:id/resend_voucher',
    endpoint: (world, call) => resendVoucher(world, call.target),
  },
  {
    method: 'GET',
    path: '/v2/orders/:id/resend_voucher',
    endpoint: (world, call) => resendVoucher(world, call.target),
  },
  { method: 'GET', path: '/v2/balance', endpoint: balance },
  {
    method: 'POST',
    path: '/v3/orders/:id/cancel/apply',
    endpoint: (world, call) => applyBody(applyCancel(world, call.target, reasonIn(call))),
  },
  {
    method: 'GET',
    path: '/v3/orders/:id/cancel/status',
    endpoint: (world, call) => cancelStatus(world, call.target),
  },
  {
    method: 'POST',
    path: '/v2/orders/:id/cancel',
    endpoint: (world, call) => cancelV2Body(applyCancel(world, call.target, reasonIn(call) ?? 99)),
  },
];

function reasonIn({ body }: KlookCall): unknown {
  return isRecord(body) ? body['refund_reason_id'] : undefined;
}

function balance(world: World): Record<string, unknown> {
  return {
    success: true,
    remaining_balance: decimal(world.balanceMinor, BALANCE_CURRENCY),
    currency: BALANCE_CURRENCY,
    timestamp: utcText(Date.now()),
    error: null,
  };
}

/** The failure of transport that a sentinel name asks for at this call. */
export function sentinelFault(world: World, { path }: Route, call: KlookCall): Fault | undefined {
  if (path !== CREATE && path !== PAY) return undefined;
  const at = path === CREATE ? 'create' : 'pay';
  const { sentinel, reference } = at === 'create' ? inBody(call.body) : inOrder(world, call.target);
  if (!sentinel) return undefined;
  if (sentinel.kind === 'error') {
    const strikes = sentinel.at === at && (!sentinel.once || firstTime(world, `${at}/${reference}`));
    return strikes ? asFault('status', sentinel.status) : undefined;
  }
  if (sentinel.word !== `timeout-at-${at}` || !firstTime(world, `${at}/${reference}`)) return undefined;
  return asFault('drop_after', 0);
}

type Found = { sentinel: Sentinel | null; reference: string };

function inBody(body: unknown): Found {
  const contact = isRecord(body) && isRecord(body['contact_info']) ? body['contact_info'] : {};
  const reference = isRecord(body) ? textFrom(body['agent_order_id']) : '';
  return { sentinel: sentinelIn(textFrom(contact['family_name'])), reference };
}

function inOrder(world: World, id: string): Found {
  return { sentinel: world.orders.get(id)?.sentinel ?? null, reference: id };
}

function firstTime(world: World, key: string): boolean {
  if (world.usedOnce.has(key)) return false;
  world.usedOnce.add(key);
  return true;
}

function asFault(kind: 'status' | 'drop_after', status: number): Fault {
  return {
    id: 'sentinel',
    match: '',
    kind,
    status,
    code: '',
    headers: {},
    ms: 0,
    after: false,
    times: null,
    probability: 1,
    seed: 0,
    hits: 0,
  };
}
