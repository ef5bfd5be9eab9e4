import { beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../log.ts';
import { createTidings } from '../../worker/tidings.ts';
import type { Tidings } from '../../worker/tidings.ts';

describe('what fails again and again', () => {
  let lines: string[];
  let nowMs: number;
  let tidings: Tidings;

  beforeEach(() => {
    lines = [];
    nowMs = 0;
    const destination = { write: (line: string) => void lines.push(/"level":"(\w+)"/.exec(line)?.[1] ?? '') };
    tidings = createTidings(createLog({ level: 'info', process: 'test', destination }), () => nowMs);
  });

  it('is told once when it begins and once when it ends', () => {
    for (let n = 0; n < 100; n += 1) tidings.broke('Kafka', { reason: 'no route' });
    for (let n = 0; n < 100; n += 1) tidings.works('Kafka');
    expect(lines).toEqual(['warn', 'info']);
  });

  it('is no news when it never failed', () => {
    tidings.works('Kafka');
    expect(lines).toEqual([]);
  });

  it('is told at most once a minute when it comes and goes', () => {
    for (let second = 0; second < 180; second += 1) {
      nowMs = second * 1_000;
      tidings.broke('Kafka', {});
      tidings.works('Kafka');
    }
    expect(lines).toEqual(['warn', 'info', 'warn', 'info', 'warn', 'info']);
  });

  it('is told for each subject', () => {
    tidings.broke('Kafka', {});
    tidings.broke('the database', {});
    tidings.works('Kafka');
    expect(lines).toEqual(['warn', 'warn', 'info']);
  });
});
