import { defineConfig } from 'vitest/config';

import { SummaryReporter } from './test/setup/summary-reporter.ts';

const NEEDS_SERVICES = 'test/**/*.int.test.{ts,tsx}';

export default defineConfig({
  test: {
    // A native addon (Temporal's core) wants processes, not threads.
    pool: 'forks',
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
          // Real servers on a busy machine: the one that skips time may stall on a scene. Said in the report when it happens.
          retry: 2,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
