// Which file begins when: what takes minutes begins early, beside many short ones, so that no worker is left alone with it at the end.
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const EARLY = ['test/drill/', 'test/workflows/', 'test/demo/', 'test/e2e/kafka-outage', 'test/e2e/'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const turns = files.map((file) => ({ file, turn: turnOf(file) }));
    const inTurn = turns.toSorted((a, b) => a.turn - b.turn || a.file.moduleId.localeCompare(b.file.moduleId));
    return inTurn.map(({ file }) => file);
  }
}

/** The two projects do not mix: a process that has loaded the modules of one is of use to no file of the other. */
function turnOf({ moduleId, project }: TestSpecification): number {
  if (project.name === 'unit') return EARLY.length + 1;
  const turn = EARLY.findIndex((part) => moduleId.includes(part));
  return turn === -1 ? EARLY.length : turn;
}
