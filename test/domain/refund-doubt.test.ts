import { expect, it } from 'vitest';
import { doubtOf } from '../../domain/refund-doubt.ts';

const NEW = { ref: null, wasCalled: false };
const open = (id: string, trace: Partial<typeof NEW> | { ref: string } = {}) => ({ ...NEW, ...trace, id });
const CALLED = { wasCalled: true };

it('counts the only one as asked for, and one that has its trace as it was', () => {
  for (const oneByOne of [true, false]) {
    expect(doubtOf([open('rf_1')], { oneByOne })).toEqual({ begun: ['rf_1'], unclear: [] });
    expect(doubtOf([open('rf_1', CALLED)], { oneByOne })).toEqual({ begun: [], unclear: [] });
    expect(doubtOf([], { oneByOne })).toEqual({ begun: [], unclear: [] });
  }
});

it('counts all of them as asked for where each is known by our name', () => {
  const three = [open('rf_1'), open('rf_2', CALLED), open('rf_3')];
  expect(doubtOf(three, { oneByOne: false })).toEqual({ begun: ['rf_1', 'rf_3'], unclear: [] });
});

it('counts the one with proof where they are made one at a time, however late it was asked for', () => {
  expect(doubtOf([open('rf_1'), open('rf_2', { ref: 'ref_2' })], { oneByOne: true })).toEqual({
    begun: ['rf_2'],
    unclear: [],
  });
  expect(doubtOf([open('rf_1'), open('rf_2', CALLED)], { oneByOne: true })).toEqual({ begun: [], unclear: [] });
});

it('holds up those of which any may be the one that was asked for', () => {
  expect(doubtOf([open('rf_1'), open('rf_2')], { oneByOne: true })).toEqual({
    begun: ['rf_1', 'rf_2'],
    unclear: ['rf_1', 'rf_2'],
  });
  const traced = [open('rf_1'), open('rf_2', { ref: 'ref_2' }), open('rf_3', CALLED)];
  expect(doubtOf(traced, { oneByOne: true })).toEqual({ begun: ['rf_2'], unclear: ['rf_2', 'rf_3'] });
  const said = [open('rf_1', CALLED), open('rf_2', CALLED)];
  expect(doubtOf(said, { oneByOne: true })).toEqual({ begun: [], unclear: ['rf_1', 'rf_2'] });
});
