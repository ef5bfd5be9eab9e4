import { describe, expect, it } from 'vitest';
import type { UndoEntry } from '../../domain/undo.ts';
import { arm, outstanding, settle } from '../../domain/undo.ts';

const armed = (step: UndoEntry['step'], target: string): UndoEntry => ({ step, target, status: 'armed' });

describe('the undo list', () => {
  const both = arm(arm([], 'refund_payment', 'all'), 'cancel_supplier_order', '0');

  it('gives the last deed first', () => {
    expect(outstanding(both)).toEqual([armed('cancel_supplier_order', '0'), armed('refund_payment', 'all')]);
  });

  it('knows a deed once, however often it is armed', () => {
    expect(arm(both, 'refund_payment', 'all')).toBe(both);
  });

  it('tells generations of an order apart', () => {
    expect(outstanding(arm(both, 'cancel_supplier_order', '1')).map((e) => e.target)).toEqual(['1', '0', 'all']);
  });

  it('leaves out what was taken back, and nothing else', () => {
    const rest = settle(both, armed('cancel_supplier_order', '0'));
    expect(outstanding(rest)).toEqual([armed('refund_payment', 'all')]);
    expect(rest).toHaveLength(2);
    expect(settle(both, armed('cancel_supplier_order', '7'))).toEqual(both);
  });

  it('takes back anew what is done anew: a booking paid again can be refunded again', () => {
    const done = settle(both, armed('refund_payment', 'all'));
    const again = arm(done, 'refund_payment', 'all');
    expect(outstanding(again)).toEqual([armed('refund_payment', 'all'), armed('cancel_supplier_order', '0')]);
    expect(again.filter((e) => e.step === 'refund_payment')).toHaveLength(1);
  });

  it('is never changed in place: the workflow keeps it across replays', () => {
    const frozen = Object.freeze(both.map((e) => Object.freeze({ ...e })));
    expect(() => settle(arm(frozen, 'cancel_supplier_order', '1'), armed('refund_payment', 'all'))).not.toThrow();
  });
});
