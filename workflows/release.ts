// What was ordered at the supplier goes back; whatever happens to the money is settled elsewhere.
import { outstanding, settle } from '../domain/undo.ts';
import type { UndoEntry } from '../domain/undo.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { supplying } from './verbs.ts';
import { show } from './view.ts';

export async function releaseOrders(run: Run): Promise<void> {
  const orders = outstanding(run.undo).filter((entry) => entry.step === 'cancel_supplier_order');
  await Promise.all(orders.map((entry) => run.releasing.get(entry.target) ?? release(run, entry)));
}

/** Once, however many of those who go on side by side want it back. */
function release(run: Run, entry: UndoEntry): Promise<void> {
  const releasing = takeBack(run, entry).finally(() => run.releasing.delete(entry.target));
  run.releasing.set(entry.target, releasing);
  return releasing;
}

async function takeBack(run: Run, entry: UndoEntry): Promise<void> {
  await cancelSupplierOrder(run, Number(entry.target));
  run.undo = settle(run.undo, entry);
}

async function cancelSupplierOrder(run: Run, generation: number): Promise<void> {
  const order = { bookingId: run.bookingId, generation };
  const outcome = await attemptUntil(run, {
    name: 'cancel the supplier order',
    call: () => supplying.cancelOrder(order),
    doneByHand: (actor) => supplying.writeOffOrder({ ...order, actor }),
  });
  show(run, outcome.now);
}
