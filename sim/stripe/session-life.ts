// What becomes of a Checkout Session: the customer pays on its page, its intent moves on, its time runs out.
import type { Call } from './call.ts';
import { markCanceled } from './cancel.ts';
import { behaviourOf } from './cards.ts';
import { announce, intentIn } from './events.ts';
import type { Cause } from './events.ts';
import { draftIntent } from './intents.ts';
import type { Intent, Session, StripeEvent } from './objects.ts';
import type { World } from './state.ts';

/** The intent of a session: made when the customer first pays, used again after a decline. */
export function intentOfSession(world: World, session: Session, call: Call): Intent {
  const held = world.intents.get(session.payment_intent ?? '');
  if (held) return held;
  const basket = world.baskets.get(session.id);
  const { amount_total: amount, currency, payment_method_types } = session;
  const draft = draftIntent(basket?.intent ?? {}, { amount, currency });
  const intent = world.intents.put({ ...draft, payment_method_types, customer: session.customer });
  world.attempts.put({
    id: intent.id,
    number: '',
    returnUrl: null,
    failures: 0,
    bySdk: false,
    session: session.id,
  });
  world.sessions.put({ ...session, payment_intent: intent.id });
  announce(world, { type: 'payment_intent.created', object: intent, cause: call });
  return intent;
}

export function sessionOfIntent(world: World, intentId: string): Session | undefined {
  return world.sessions.get(world.attempts.get(intentId)?.session ?? '');
}

/** Called with every event: a session moves when its intent has moved. */
export function followIntent(world: World, event: StripeEvent): void {
  const intent = intentIn(event);
  const session = intent && sessionOfIntent(world, intent.id);
  if (!session) return;
  const { type } = event;
  if (session.status === 'open' && MONEY_MOVES.has(type)) {
    const paid = intent.status === 'succeeded';
    move(world, 'checkout.session.completed', {
      ...session,
      payment_status: paid ? 'paid' : 'unpaid',
      status: 'complete',
      url: null,
    });
  } else if (session.status === 'complete' && session.payment_status === 'unpaid') {
    followLate(world, { session, type, intent });
  }
}

const MONEY_MOVES = new Set([
  'payment_intent.succeeded',
  'payment_intent.processing',
  'payment_intent.amount_capturable_updated',
]);

/** Assumed: a hold that is captured after all makes its session paid without an event of the session's own. */
function followLate(world: World, { session, type, intent }: { session: Session; type: string; intent: Intent }): void {
  const delayed = behaviourOf(world.attempts.get(intent.id)?.number ?? '').delayed === true;
  if (type === 'payment_intent.succeeded') {
    const paid: Session = { ...session, payment_status: 'paid' };
    if (delayed) move(world, 'checkout.session.async_payment_succeeded', paid);
    else world.sessions.put(paid);
  } else if (type === 'payment_intent.payment_failed' && delayed) {
    move(world, 'checkout.session.async_payment_failed', session);
  }
}

function move(world: World, type: string, session: Session): void {
  announce(world, { type, object: world.sessions.put(session), cause: null });
}

/** Task: nobody has paid in time. */
export function expireInTime(world: World, id: string): void {
  const session = world.sessions.get(id);
  if (session?.status === 'open') expire(world, session, null);
}

/** Assumed: an intent that was declined or waits for 3-D Secure ends with its session. */
export function expire(world: World, session: Session, cause: Cause): Session {
  const expired = world.sessions.put({ ...session, status: 'expired', url: null });
  const intent = world.intents.get(session.payment_intent ?? '');
  if (intent && intent.status !== 'canceled') markCanceled(world, intent, { reason: 'automatic', cause });
  announce(world, { type: 'checkout.session.expired', object: expired, cause });
  return expired;
}
