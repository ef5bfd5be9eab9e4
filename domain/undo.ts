// Undo is data: what would have to be taken back, written down before the deed whose outcome may be lost.

export type UndoStep = 'refund_payment' | 'cancel_supplier_order';

export interface UndoEntry {
  readonly step: UndoStep;
  /** The payment or the supplier order's generation it concerns. */
  readonly target: string;
  readonly status: 'armed' | 'done';
}

/** A deed done anew after it was taken back must be taken back anew. */
export function arm(list: readonly UndoEntry[], step: UndoStep, target: string): readonly UndoEntry[] {
  const known = list.find((e) => e.step === step && e.target === target);
  if (known?.status === 'armed') return list;
  return [...list.filter((e) => e !== known), { step, target, status: 'armed' }];
}

export function settle(list: readonly UndoEntry[], done: UndoEntry): readonly UndoEntry[] {
  return list.map((e) => (e.step === done.step && e.target === done.target ? { ...e, status: 'done' as const } : e));
}

/** What is left to take back, last deed first. */
export const outstanding = (list: readonly UndoEntry[]): readonly UndoEntry[] =>
  list.filter((e) => e.status === 'armed').toReversed();
