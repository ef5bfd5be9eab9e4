import proto from '@temporalio/proto';
import { expect, it } from 'vitest';
import { cancelUpdate, refundUpdate, viewQuery } from '../../workflows/messages.ts';
import { MINUTE_MS } from './intake.ts';
import { bought } from './bought.ts';
import { describeScenarios } from './scenario.ts';
import type { Scene } from './scene.ts';

interface Metadata {
  readonly currentDetails: string;
  readonly definition: Readonly<Record<string, readonly Definition[]>>;
}

interface Definition {
  readonly name: string;
  readonly description?: string;
}

const metadataOf = (scene: Scene): Promise<Metadata> => scene.handle.query<Metadata>('__temporal_workflow_metadata');

/** What an operator sees of the booking in the Temporal Web UI, with all that differs from run to run blotted out. */
async function seen(scene: Scene): Promise<string> {
  await scene.quiet();
  const { currentDetails } = await metadataOf(scene);
  const view = await scene.handle.query(viewQuery);
  const { searchAttributes } = await scene.handle.describe();
  const { number } = await scene.booking();
  const attributes = Object.entries(searchAttributes)
    .filter(([name]) => name !== 'BuildIds')
    .map(([name, values]) => `${name} = ${values?.join()}`)
    .toSorted();
  return [currentDetails, '', JSON.stringify(view, null, 1), '', ...attributes]
    .join('\n')
    .replaceAll(number, 'HF-number')
    .replaceAll(/(pi_\d|du_\d|KLK\d)_[0-9a-f]{12}/g, '$1')
    .replaceAll(/rf_[0-9a-f]{16}/g, 'rf_id')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'when')
    .replaceAll(/(DeadlineAt|ServiceDate) = .*/g, '$1 = when');
}

const refund = (scene: Scene, amountMinor: number | null) =>
  scene.ask(refundUpdate, { refundId: scene.refundId(1), amountMinor, actor: 'staff-1', approvalLimitMinor: null });

const STATES: readonly (readonly [string, (scene: Scene) => Promise<unknown>])[] = [
  ['awaiting payment', (scene) => scene.open()],
  [
    'processing',
    async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'processing');
      await scene.news();
      await scene.until((b) => b.phase === 'processing');
    },
  ],
  [
    'confirming',
    async (scene) => {
      scene.supplier.script.afterPay = 'pending';
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.supplierOrders[0]?.status === 'pending');
    },
  ],
  ['confirmed', bought],
  [
    'needs attention',
    async (scene) => {
      scene.supplier.script.balanceMinor = 100;
      await scene.open();
      await scene.pay();
      await scene.until((b) => b.attention !== null);
    },
  ],
  [
    'disputed',
    async (scene) => {
      await bought(scene);
      scene.gateway.dispute('pi_1');
      await scene.news();
      await scene.until((b) => b.attention !== null);
    },
  ],
  [
    'partially refunded',
    async (scene) => {
      await bought(scene);
      await refund(scene, 3_000);
    },
  ],
  [
    'refunded',
    async (scene) => {
      await bought(scene);
      await refund(scene, null);
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled');
    },
  ],
  [
    'cancelled',
    async (scene) => {
      await bought(scene);
      await scene.ask(cancelUpdate, { actor: 'customer-1', refundMinor: 5_500, quoteId: 'cq_1' });
      await scene.until((b) => b.supplierOrders[0]?.status === 'canceled' && b.sums.refundedMinor > 0);
    },
  ],
  [
    'expired',
    async (scene) => {
      await scene.open();
      await scene.pass(31 * MINUTE_MS);
      await scene.until((b) => b.phase === 'expired');
    },
  ],
  [
    'failed',
    async (scene) => {
      scene.gateway.moods.start.push('refuses');
      await scene.open();
      await scene.handle.result();
    },
  ],
];

describeScenarios('an operator', (play) => {
  it.each(STATES)('sees where a booking stands and what to do: %s', (_state, story) =>
    play({}, async (scene) => {
      await story(scene);
      expect(await seen(scene)).toMatchSnapshot();
    }),
  );

  it('reads what each request does before sending it', () =>
    play({}, async (scene) => {
      await scene.open();
      const { definition } = await metadataOf(scene);
      const ofKind = (kind: string): readonly Definition[] =>
        (definition[kind] ?? []).filter(({ name }) => !name.startsWith('__'));
      const described = ['signalDefinitions', 'updateDefinitions', 'queryDefinitions'].flatMap(ofKind);
      expect(described.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['gatewayNews', 'open', 'pay', 'cancel', 'refund', 'retryStep', 'resolve', 'view']),
      );
      expect(described.filter(({ description }) => !description)).toEqual([]);
    }));
});

describeScenarios('the history of a happy booking', (play) => {
  it('stays within its budget', () =>
    play({}, async (scene) => {
      await bought(scene);
      await scene.quiet();
      const history = await scene.handle.fetchHistory();
      const events = history.events?.length ?? 0;
      const bytes = proto.temporal.api.history.v1.History.encode(history).finish().length;
      console.log(`a happy booking: ${events} events, ${(bytes / 1_024).toFixed(1)} KB, encrypted`);
      expect(events).toBeLessThanOrEqual(60);
      expect(bytes).toBeLessThanOrEqual(40 * 1_024);
    }));
});
