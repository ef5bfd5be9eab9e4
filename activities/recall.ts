// Tells Temporal each fact with the answer of the verb that recorded it: what was committed, and only that. Workflows never read it.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Recall } from '../domain/recall.ts';
import { joined } from '../domain/recall.ts';

const hearing = new AsyncLocalStorage<Recall[]>();

/** Heard by the verb that is at work, if one is. */
export function tellOf(recall: Recall): void {
  hearing.getStore()?.push(recall);
}

/** Facts that a verb recorded before it failed; the booking's next answer tells them. */
const UNTOLD_AT_MOST = 1_000;

export interface Telling<Result> {
  readonly bookingId: string;
  readonly work: () => Promise<Result>;
  /** What earlier tries of the same verb recorded, in whichever process. */
  readonly earlier: () => Promise<readonly Recall[]>;
}

export function createTeller() {
  const untold = new Map<string, readonly Recall[]>();

  const keep = (bookingId: string, recalls: readonly Recall[]): void => {
    if (recalls.length === 0) return;
    const [oldest] = untold.keys();
    if (untold.size >= UNTOLD_AT_MOST && oldest !== undefined) untold.delete(oldest);
    untold.set(bookingId, [...(untold.get(bookingId) ?? []), ...recalls]);
  };

  return async <Result>({ bookingId, work, earlier }: Telling<Result>): Promise<Result> => {
    const heard: Recall[] = [];
    let result: Result;
    let before: readonly Recall[];
    try {
      result = await hearing.run(heard, work);
      before = await earlier();
    } catch (error) {
      keep(bookingId, heard);
      throw error;
    }
    const waiting = untold.get(bookingId) ?? [];
    untold.delete(bookingId);
    const said = joined([...before, ...waiting, ...heard]);
    if (said.facts.length === 0) return result;
    return { ...result, recall: { bookingId, ...said } satisfies Recall };
  };
}
