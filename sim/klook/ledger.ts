// The agent's prepaid balance: one currency, one line per movement.
import type { LedgerLine, World } from './state.ts';

const OPENING_MINOR = 10_000_000;

export type Movement = Pick<LedgerLine, 'type' | 'amountMinor' | 'note'> & { order?: string };

export function move(world: World, { type, amountMinor, note, order }: Movement): LedgerLine {
  world.balanceMinor = type === 'set' ? amountMinor : world.balanceMinor + amountMinor;
  return world.ledger.put({
    id: `kbl_${world.ledger.size + 1}`,
    at: new Date().toISOString(),
    type,
    amountMinor,
    balanceMinor: world.balanceMinor,
    order: order ?? null,
    note,
  });
}

export function openBalance(world: World): void {
  if (world.ledger.size > 0) return;
  world.balanceMinor = 0;
  move(world, { type: 'opening', amountMinor: OPENING_MINOR, note: 'opening balance' });
}
