// Lives in which money is held first, or comes twice.
import { payUpdate } from '../../workflows/messages.ts';
import type { Life } from './stories.ts';

const held = { product: { captureWhen: 'after_supplier' } } as const;

export const holdsAndRivals: Record<string, Life> = {
  'held-then-taken': {
    wish: held,
    story: async (scene) => {
      await scene.open();
      scene.gateway.set('pi_1', 'authorised');
      await scene.news();
      await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
      await scene.quiet();
    },
  },
  'held-then-let-go': {
    wish: held,
    story: async (scene) => {
      await scene.open();
      scene.supplier.moods.place.push('sold_out');
      scene.gateway.set('pi_1', 'authorised');
      await scene.news();
      await scene.until((b) => b.phase === 'failed');
      await scene.quiet();
    },
  },
  'second-success-returned': {
    story: async (scene) => {
      await scene.open();
      await scene.ask(payUpdate, { attempt: 2 });
      await scene.pay('pi_2');
      await scene.until((b) => b.phase === 'confirmed');
      await scene.pay('pi_1');
      await scene.until((b) => b.sums.refundedMinor === 11_000);
      await scene.quiet();
    },
  },
};
