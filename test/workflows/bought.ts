// How most scenes begin: somebody has paid, the trip is confirmed, and its papers are out.
import type { Scene } from './scene.ts';

export async function bought(scene: Scene): Promise<void> {
  await scene.open();
  await scene.pay();
  await scene.until((b) => b.phase === 'confirmed' && b.vouchers.length > 0);
  await scene.quiet();
}
