// A booking workflow with one mistake of the kind the gate is for: it pays the supplier before it has ordered.
import { condition } from '@temporalio/workflow';
import { fulfilmentBegan } from './beginning.ts';
import type { BookingInput } from '../../../workflows/messages.ts';
import { supplying } from '../../../workflows/verbs.ts';

/** Not broken: shows that the gate's "no" is about the order of the two steps and nothing else. */
export async function faithfulTwin(input: BookingInput): Promise<void> {
  const order = await fulfilmentBegan(input);
  await supplying.placeOrder(order);
  await supplying.payOrder(order);
  await condition(() => false);
}

export async function brokenTwin(input: BookingInput): Promise<void> {
  const order = await fulfilmentBegan(input);
  await supplying.payOrder(order);
  await supplying.placeOrder(order);
  await condition(() => false);
}
