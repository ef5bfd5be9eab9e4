// Waiting for what happens in other processes.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Wait<T> {
  /** Ends the sentence "waited for …". */
  readonly what: string;
  /** Undefined or false: not yet. */
  readonly look: () => T | undefined | false | Promise<T | undefined | false>;
  readonly withinMs?: number;
  /** What stood there instead, for the message of a wait in vain. */
  readonly instead?: () => unknown;
}

const PATIENCE_MS = 45_000;
const LOOK_EVERY_MS = 40;

export async function until<T>({ what, look, withinMs = PATIENCE_MS, instead }: Wait<T>): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      const seen = instead ? `; instead: ${JSON.stringify(await instead())}` : '';
      throw new Error(`waited ${withinMs / 1000} s in vain for ${what}${seen}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
