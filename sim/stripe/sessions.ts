// Checkout Sessions over the API: create, read, list, expire. What the customer does: session-life.ts.
import { randomText } from '../random.ts';
import type { Call } from './call.ts';
import { invalidRequest, missing } from './errors.ts';
import { listOf } from './lists.ts';
import type { List } from './lists.ts';
import { unixNow } from './objects.ts';
import type { LineItem, Session } from './objects.ts';
import { absent, allowOnly, mergedMetadata, oneOf, text, texts } from './params.ts';
import { CREATE_SESSION, addressIn, basketIn, endIn, intentDataIn } from './session-params.ts';
import { expire } from './session-life.ts';
import type { World } from './state.ts';

const SUBMIT_TYPES = ['auto', 'book', 'donate', 'pay', 'subscribe'] as const;

export function createSession(world: World, call: Call): Session {
  const { params } = call;
  allowOnly(params, CREATE_SESSION);
  if (oneOf(params, 'mode', ['payment', 'setup', 'subscription']) !== 'payment') throw onlyHere('mode', 'payment');
  if (
    (oneOf(params, 'ui_mode', ['hosted_page', 'embedded_page', 'elements', 'form']) ?? 'hosted_page') !== 'hosted_page'
  )
    throw onlyHere('ui_mode', 'hosted_page');
  const intent = intentDataIn(params);
  mergedMetadata(intent);
  const { lines, amount, currency } = basketIn(world, params);
  const session = world.sessions.put(sessionOf(world, call, { amount, currency }));
  world.baskets.put({ id: session.id, lines, intent });
  world.agenda.add('expire_session', session.id, session.expires_at * 1000 - Date.now());
  return session;
}

function sessionOf(
  world: World,
  { params }: Call,
  { amount, currency }: { amount: number; currency: string },
): Session {
  const id = `cs_test_a1${randomText(56)}`;
  const successUrl = addressIn(params, 'success_url');
  if (successUrl === null) throw absent('success_url');
  const types = texts(params, 'payment_method_types');
  return {
    id,
    object: 'checkout.session',
    amount_subtotal: amount,
    amount_total: amount,
    cancel_url: addressIn(params, 'cancel_url'),
    client_reference_id: text(params, 'client_reference_id') ?? null,
    created: unixNow(),
    currency,
    customer: text(params, 'customer') ?? null,
    customer_details: null,
    customer_email: text(params, 'customer_email') ?? null,
    expires_at: endIn(world, params),
    livemode: false,
    locale: text(params, 'locale') ?? null,
    metadata: mergedMetadata(params),
    mode: 'payment',
    payment_intent: null,
    payment_method_types: types.length > 0 ? types : ['card', 'us_bank_account'],
    payment_status: 'unpaid',
    presentment_details: null,
    status: 'open',
    submit_type: oneOf(params, 'submit_type', SUBMIT_TYPES) ?? null,
    success_url: successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${world.url}/c/pay/${id}`,
  };
}

function onlyHere(param: string, word: string) {
  return invalidRequest(`This stand-in knows \`${param}\` ${word} only.`, { param });
}

function sessionIn(world: World, call: Call): Session {
  const session = world.sessions.get(call.target);
  if (!session) throw missing('checkout.session', call.target, { param: 'session', status: 404 });
  return session;
}

export function retrieveSession(world: World, call: Call): Session {
  allowOnly(call.params, []);
  return sessionIn(world, call);
}

export function updateSession(world: World, call: Call): Session {
  allowOnly(call.params, ['metadata']);
  const session = sessionIn(world, call);
  return world.sessions.put({ ...session, metadata: mergedMetadata(call.params, session.metadata) });
}

export function expireSession(world: World, call: Call): Session {
  allowOnly(call.params, []);
  const session = sessionIn(world, call);
  if (session.status === 'open') return expire(world, session, call);
  throw invalidRequest(
    `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
  );
}

export function listSessions(world: World, call: Call): List<Session> {
  const { params } = call;
  allowOnly(params, ['created', 'customer', 'limit', 'payment_intent', 'starting_after', 'ending_before', 'status']);
  const customer = text(params, 'customer');
  const intent = text(params, 'payment_intent');
  const status = oneOf(params, 'status', ['open', 'complete', 'expired']);
  return listOf(call, {
    table: world.sessions,
    keep: (session) =>
      (customer === undefined || session.customer === customer) &&
      (intent === undefined || session.payment_intent === intent) &&
      (status === undefined || session.status === status),
  });
}

export function listLineItems(world: World, call: Call): List<LineItem> {
  allowOnly(call.params, ['limit', 'starting_after', 'ending_before']);
  const { id } = sessionIn(world, call);
  const data = world.baskets.get(id)?.lines ?? [];
  return { object: 'list', data, has_more: false, url: call.path };
}
