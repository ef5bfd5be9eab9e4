// Warns before the prepaid balance is empty: what open bookings will need counts as spent.
import type { Database } from '../db/client.ts';
import { committedNet } from '../db/commitments.ts';
import { tellStaff } from '../db/notices.ts';
import { formatMoney } from '../domain/display.ts';
import { parseMajor, subtract } from '../domain/money.ts';
import type { Supplier } from '../domain/supply.ts';
import type { Logger } from '../log.ts';
import { startPeriodic } from './periodic.ts';
import type { Running } from './periodic.ts';

export interface BalanceWatch {
  readonly db: Database;
  readonly supplier: Supplier;
  /** In major units of the balance's own currency. */
  readonly floor: string;
  readonly log: Logger;
  readonly clock: () => Date;
}

const LOOK_EVERY_MS = 5 * 60_000;

export function watchBalance(watch: BalanceWatch): Running {
  return startPeriodic({
    name: 'balance watch',
    everyMs: LOOK_EVERY_MS,
    log: watch.log,
    run: () => lookAtBalance(watch),
  });
}

/** One letter a day is enough for a balance that stays low. */
export async function lookAtBalance({ db, supplier, floor, clock }: BalanceWatch): Promise<void> {
  const balance = await supplier.balance();
  const least = parseMajor(floor, balance.currency);
  if (!least) throw new Error(`KLOOK_BALANCE_FLOOR ${floor} is no amount in ${balance.currency}`);
  const committed = await committedNet(db, balance.currency);
  const free = subtract(balance, committed);
  if (free.minor >= least.minor) return;
  const reason = `open bookings still need ${formatMoney(committed)}, which leaves ${formatMoney(free)}; the floor is ${formatMoney(least)}`;
  const version = `${supplier.name}-${clock().toISOString().slice(0, 10)}`;
  await tellStaff(db, { kind: 'low_balance', version, detail: { reason, amount: balance } });
}
