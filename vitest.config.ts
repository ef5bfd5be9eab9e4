import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/setup/longest-first.ts';
import { SummaryReporter } from './test/setup/summary-reporter.ts';

const NEEDS_SERVICES = 'test/**/*.int.test.{ts,tsx}';

export default defineConfig({
  test: {
    // A native addon (Temporal's core) wants processes, not threads.
    pool: 'forks',
    // Most of what the slow files do is wait.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new SummaryReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx,mjs}'],
          exclude: [NEEDS_SERVICES, 'node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: [NEEDS_SERVICES],
          globalSetup: './test/setup/services.ts',
          testTimeout: 60_000,
          // The server that skips time may still stall on a scene; the report says so when it happens.
          retry: 1,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
