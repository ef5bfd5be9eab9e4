// What Stripe tells of a payment when it is asked. A server that ignores `expand` names a thing only: then that is asked for, too.
import type Stripe from 'stripe';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import { asGatewayError } from './stripe.ts';

export async function retrieveIntent(stripe: Stripe, ref: string): Promise<Stripe.PaymentIntent> {
  try {
    return await stripe.paymentIntents.retrieve(ref, { expand: ['latest_charge.balance_transaction'] });
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
  const { payment_intent: named } = session;
  return typeof named === 'string' ? { ...session, payment_intent: await intentOf(stripe, named) } : session;
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
