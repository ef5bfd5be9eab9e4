import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/setup/longest-first.ts';
import { SummaryReporter } from './test/setup/summary-reporter.ts';

const NEEDS_SERVICES = 'test/**/*.int.test.{ts,tsx}';

export default defineConfig({
  test: {
    // A native addon (Temporal's core) wants processes, not threads.
    pool: 'forks',
    // Most of what the slow files do is wait.
    maxWorkers: 3,
    // They share no state, and to load the modules anew for each file takes up to three seconds of a processor.
    isolate: false,
    // What a busy machine did to a test that knows real time; the report says so when it happens.
    retry: 1,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new SummaryReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx,mjs}'],
          exclude: [NEEDS_SERVICES, 'node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: [NEEDS_SERVICES],
          globalSetup: './test/setup/services.ts',
          // A scene on which time stood still is played a second time within it.
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
