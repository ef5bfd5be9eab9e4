import { expect, it } from 'vitest';
import { readArguments } from '../../worker/recover/arguments.ts';

const NOW = new Date('2026-11-21T18:00:00.000Z');

it.each([
  ['2026-11-21T09:30:00Z', '2026-11-21T09:30:00.000Z'],
  ['2026-11-21T09:30+08:00', '2026-11-21T01:30:00.000Z'],
  ['90s', '2026-11-21T17:58:30.000Z'],
  ['2h', '2026-11-21T16:00:00.000Z'],
  ['3d', '2026-11-18T18:00:00.000Z'],
])('knows since when: %s', (text, moment) => {
  expect(readArguments(['--since', text], NOW)).toEqual({
    kind: 'asked',
    asked: { since: new Date(moment), apply: false },
  });
});

it('writes only when it is told to', () => {
  expect(readArguments(['--apply', '--since', '2h'], NOW)).toMatchObject({ asked: { apply: true } });
});

it.each([
  [[], 'Say since when'],
  [['--apply'], 'Say since when'],
  [['--since'], "Option '--since <value>' argument missing"],
  [['--since', ''], 'is no moment that I know'],
  [['--since', 'yesterday'], '--since yesterday is no moment that I know'],
  [['--since', '2'], 'is no moment that I know'],
  // Without its zone it might be hours off.
  [['--since', '2026-11-21T09:30:00'], 'is no moment that I know'],
  [['--since', '2026-13-41T09:30:00Z'], 'is no moment that I know'],
  [['--since', '2026-11-21T18:00:01Z'], 'is not in the past'],
  [['--since', '0s'], 'is not in the past'],
  [['--since', '2h', '--force'], '--force'],
  [['2h'], '2h'],
])('refuses %j in words', (args, words) => {
  const refused = readArguments(args, NOW);
  expect(refused).toEqual({ kind: 'refused', words: expect.stringContaining(words) });
  expect(refused).toMatchObject({ words: expect.stringContaining('Without --apply nothing is written') });
});

it('tells how it is used, whatever else is said', () => {
  const usage = { kind: 'usage', words: expect.stringMatching(/^npm run recover -- --since .*\[--apply\]/) };
  expect(readArguments(['--help'], NOW)).toEqual(usage);
  expect(readArguments(['--since', 'yesterday', '--help'], NOW)).toEqual(usage);
});
