// What Stripe tells of a payment when it is asked. A server that ignores `expand` names a thing only: then that is asked for, too.
import type Stripe from 'stripe';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import type { PaymentFact } from '../../domain/payment.ts';
import { withDisputes } from './stripe-disputes.ts';
import type { IntentWire } from './stripe-facts.ts';
import { withRefunded } from './stripe-refunds.ts';
import { isNotFound } from './stripe-routes.ts';
import { asGatewayError } from './stripe.ts';

export async function retrieveIntent(stripe: Stripe, ref: string): Promise<Stripe.PaymentIntent> {
  try {
    const expand = ['latest_charge.balance_transaction'];
    return await withCharge(stripe, await stripe.paymentIntents.retrieve(ref, { expand }));
  } catch (error) {
    throw asGatewayError(error);
  }
}

export async function retrieveSession(stripe: Stripe, ref: string): Promise<Stripe.Checkout.Session> {
  try {
    const expand = ['payment_intent.latest_charge.balance_transaction'];
    return await stripe.checkout.sessions.retrieve(ref, { expand });
  } catch (error) {
    throw asGatewayError(error);
  }
}

/** With its intent, where it has one. */
export async function retrieveWholeSession(stripe: Stripe, ref: string): Promise<Stripe.Checkout.Session> {
  const session = await retrieveSession(stripe, ref);
  const { payment_intent: told } = session;
  if (!told) return session;
  const intent = typeof told === 'string' ? await intentOf(stripe, told) : await withCharge(stripe, told);
  return { ...session, payment_intent: intent };
}

/** A page that names an intent may be paid: that the intent cannot be had says nothing about the money. */
async function intentOf(stripe: Stripe, named: string): Promise<Stripe.PaymentIntent> {
  try {
    return await retrieveIntent(stripe, named);
  } catch (error) {
    if (!(error instanceof GatewayRejected)) throw error;
    throw new GatewayUnreachable(`Stripe does not tell of ${named}: ${error.message}`, { cause: error });
  }
}

const HAS_CHARGE = new Set(['succeeded', 'requires_capture']);

/** A server that has no charges to show leaves out what only they tell; what moves money is then read from other lists. */
async function withCharge(stripe: Stripe, intent: Stripe.PaymentIntent): Promise<Stripe.PaymentIntent> {
  const { latest_charge: named, status } = intent;
  if (typeof named !== 'string' || !HAS_CHARGE.has(status)) return intent;
  try {
    const charge = await stripe.charges.retrieve(named, { expand: ['balance_transaction'] });
    return { ...intent, latest_charge: charge };
  } catch (error) {
    if (isNotFound(error)) return intent;
    throw asGatewayError(error);
  }
}

/** What became of the money after it was taken: what went back, and what a bank asks for. */
export async function withAftermath(stripe: Stripe, fact: PaymentFact, intent: IntentWire): Promise<PaymentFact> {
  try {
    return await withDisputes(stripe, await withRefunded(stripe, fact, intent), intent);
  } catch (error) {
    throw asGatewayError(error);
  }
}
