// What the scenarios of disputes have in common.
import type { WorkflowHandle } from '@temporalio/client';
import { latePaymentIdOf } from '../../domain/ids.ts';
import { LATE_PAYMENT_WORKFLOW } from '../../workflows/messages.ts';
import type { Scene } from './scene.ts';

export const staff = { actor: 'staff-1' };
export const whole = (refundId: string) =>
  ({ refundId, amountMinor: null, approvalLimitMinor: null, ...staff }) as const;
export const DISPUTED = { kind: 'not_refundable', code: 'payment_disputed' };

export async function disputed(scene: Scene, how?: Parameters<Scene['gateway']['dispute']>[1]): Promise<void> {
  scene.gateway.dispute('pi_1', how);
  await scene.news();
  await scene.until((b) => b.disputes.length > 0 && b.attention !== null);
  await scene.quiet();
}

/** In the very moment in which the gateway is asked for a refund, and refuses it for that. */
export function disputedOnce(scene: Scene, how?: Parameters<Scene['gateway']['dispute']>[1]): () => void {
  const intents = scene.gateway.intents;
  return () => {
    if ([...intents.values()].every(({ disputes }) => disputes.length === 0)) scene.gateway.dispute('pi_1', how);
  };
}

export async function closed(scene: Scene, as: 'won' | 'lost' | 'dropped'): Promise<void> {
  scene.gateway.closeDispute('pi_1', as);
  await scene.news();
  await scene.until((b) => b.disputes.every(({ standing }) => standing === as));
  await scene.quiet();
}

/** As the sweep does it for each webhook that finds no workflow. Time passes only where the story lets it. */
export function lateNews({ env, taskQueue, gateway, id }: Scene): Promise<WorkflowHandle> {
  const paymentRef = gateway.refOf('pi_1');
  return env.client.workflow.start(LATE_PAYMENT_WORKFLOW, {
    workflowId: latePaymentIdOf(paymentRef),
    taskQueue,
    args: [{ bookingId: id, gateway: 'stripe_intent', paymentRef }],
  });
}

/** To its end. */
export const lateRun = async (scene: Scene): Promise<string> => (await lateNews(scene)).result();
