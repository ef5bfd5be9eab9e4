// Log lines for what may fail a thousand times in a row: one when it begins, one when it ends, and at most one pair a minute.
import type { Logger } from '../log.ts';

export interface Tidings {
  broke(what: string, about: Readonly<Record<string, unknown>>): void;
  works(what: string): void;
}

const QUIET_MS = 60_000;

export function createTidings(log: Logger, nowMs: () => number = () => performance.now()): Tidings {
  const subjects = new Map<string, { broken: boolean; saidAtMs: number }>();
  return {
    broke: (what, about) => {
      const known = subjects.get(what);
      if (known && (known.broken || nowMs() - known.saidAtMs < QUIET_MS)) return;
      subjects.set(what, { broken: true, saidAtMs: nowMs() });
      log.warn({ ...about, what }, 'events do not get out; they wait in the outbox');
    },
    works: (what) => {
      const known = subjects.get(what);
      if (!known?.broken) return;
      known.broken = false;
      log.info({ what }, 'events get out again');
    },
  };
}
