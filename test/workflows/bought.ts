// How many scenes begin: somebody has paid, the trip is confirmed, and its papers are out.
import { payUpdate } from '../../workflows/messages.ts';
import type { Booking } from '../../domain/booking.ts';
import type { Scene } from './scene.ts';

export const confirmed = (b: Booking): boolean => b.phase === 'confirmed' && b.vouchers.length > 0;

export async function bought(scene: Scene): Promise<void> {
  await scene.open();
  await scene.pay();
  await scene.until(confirmed);
  await scene.quiet();
}

/** The second attempt is open, and the gateway had said that the first one is closed. */
export async function openTwice(scene: Scene): Promise<void> {
  await scene.open();
  const { kind } = await scene.ask(payUpdate, { attempt: 2 });
  if (kind !== 'opened') throw new Error(`the second attempt is ${kind}`);
}

/** The second attempt bought the trip; what the first one took, though it was closed, is with the customer's bank. */
export async function boughtBesideDisputed(scene: Scene): Promise<void> {
  await openTwice(scene);
  await scene.pay('pi_2');
  await scene.until(confirmed);
  scene.gateway.dispute('pi_1');
  await scene.pay('pi_1');
  await scene.until((b) => b.disputes.length > 0 && b.attention !== null);
  await scene.quiet();
}
