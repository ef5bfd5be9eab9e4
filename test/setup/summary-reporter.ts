// Counts the run for `npm test`'s last line, and says for every skipped test why it was skipped, for one that passed only when it
// was tried again why it had failed.
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';

import { SKIPPED_BECAUSE } from './skip-mark.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export class SummaryReporter implements Reporter {
  #filtered = false;

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const reasons = new Set(tests.filter(wasSkipped).map((test) => skipLine(test, this.#filtered)));
    for (const line of reasons) if (line !== undefined) process.stdout.write(`${line}\n`);
    for (const test of tests.filter((each) => each.diagnostic()?.flaky)) process.stdout.write(`${againLine(test)}\n`);
    const file = process.env['HOLDFAST_TEST_SUMMARY'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(countOf(modules, tests, unhandled.length)));
  }
}

function wasSkipped(test: TestCase): boolean {
  return test.result().state === 'skipped';
}

/** A file that can't be read, or an error outside every test, counts as a failure: nothing red may add up to 0 failed. */
function countOf(modules: readonly TestModule[], tests: readonly TestCase[], unhandled: number): TestCounts {
  const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
  const brokenModules = modules.filter((module) => module.errors().length > 0).length;
  const brokenSuites = modules
    .flatMap((module) => [...module.children.allSuites()])
    .filter((suite) => suite.errors().length > 0).length;
  return {
    passed: inState('passed'),
    failed: inState('failed') + brokenModules + brokenSuites + unhandled,
    skipped: inState('skipped'),
  };
}

/** Tests left out by `-t` need no reason. */
function skipLine(test: TestCase, filtered: boolean): string | undefined {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  if (note !== undefined) return `skipped, because ${note}: ${test.fullName}`;
  const [suite, reason] = test.fullName.split(SKIPPED_BECAUSE);
  if (reason !== undefined) return `skipped, because ${reason.split(' > ')[0]}: ${suite}`;
  return filtered ? undefined : `skipped, because its author said so without a reason: ${test.fullName}`;
}

function againLine(test: TestCase): string {
  const [error] = test.result().errors ?? [];
  return `tried again, because ${error?.message.split('\n')[0] ?? 'it failed'}: ${test.fullName}`;
}
