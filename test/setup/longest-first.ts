// Which file begins when: what takes minutes begins early, beside many short ones, so that no worker is left alone with it at the end.
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const EARLY = ['test/drill/', 'test/workflows/', 'test/demo/', 'test/e2e/kafka-outage', 'test/e2e/'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => turnOf(a.moduleId) - turnOf(b.moduleId));
  }
}

function turnOf(file: string): number {
  const turn = EARLY.findIndex((part) => file.includes(part));
  return turn === -1 ? EARLY.length : turn;
}
