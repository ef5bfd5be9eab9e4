// What the run's global set-up started, and why a test that needs something else is skipped.
import path from 'node:path';
import { describe, inject } from 'vitest';

import { SKIPPED_BECAUSE } from './skip-mark.ts';

export type Part = 'postgres' | 'temporal' | 'time-skipping' | 'kafka';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl?: string;
    temporalAddress?: string;
    timeSkippingServer?: string;
    builtPrograms?: string;
    missingParts?: Partial<Record<Part, string>>;
  }
}

/** A suite that runs where its parts are there and is skipped with the reason where one is missing. */
export function describeWith(parts: Part | readonly Part[], name: string, body: () => void): void {
  const missing = inject('missingParts') ?? {};
  const reason = [parts].flat().flatMap((part) => missing[part] ?? []);
  if (reason.length === 0) describe(name, body);
  else describe.skip(name + SKIPPED_BECAUSE + reason.join(' '), body);
}

/** host:port of the run's Temporal dev server, namespace `default`. */
export function temporalAddress(): string {
  return provided('temporalAddress', 'temporal');
}

/** The executable of the time-skipping test server. */
export function timeSkippingServer(): string {
  return provided('timeSkippingServer', 'time-skipping');
}

/** The cluster's own database; tests make theirs with `createTestDatabase`. */
export function adminDatabaseUrl(): string {
  return provided('databaseUrl', 'postgres');
}

/** One of our programs, built from the sources as they were when this run began. */
export function builtProgram(script: string): string {
  const folder = inject('builtPrograms');
  if (folder === undefined) throw new Error('only files named *.int.test.ts get built programs');
  return path.join(folder, script.replace(/ts$/, 'mjs'));
}

function provided(name: 'databaseUrl' | 'temporalAddress' | 'timeSkippingServer', part: Part): string {
  const value = inject(name);
  if (value !== undefined) return value;
  const reason = inject('missingParts')?.[part] ?? 'only files named *.int.test.ts get services.';
  throw new Error(`This test needs ${part}, which is not there: ${reason}`);
}
