// What a database lacks of what Temporal was told: decided from names and numbers of facts, before anything is written.
import { keyOf } from './events.ts';
import type { KeptFact, KeptIntake, Recall } from './recall.ts';
import { joined } from './recall.ts';

/** All that the histories of one booking say of it. */
export interface Remembered {
  readonly bookingId: string;
  readonly recalls: readonly Recall[];
  /** Up to which fact its workflows had read it. */
  readonly version: number;
}

export type Loss =
  | { readonly kind: 'nothing' }
  /** The booking itself is gone. */
  | {
      readonly kind: 'absent';
      readonly intake: KeptIntake;
      readonly facts: readonly KeptFact[];
      readonly untold: readonly number[];
    }
  | { readonly kind: 'behind'; readonly facts: readonly KeptFact[]; readonly untold: readonly number[] }
  /** There is a workflow, and nothing that says what was booked. */
  | { readonly kind: 'unknown'; readonly version: number };

/** `known`: the names of the facts in the database, in their order; undefined where it has no such booking. */
export function lossOf({ recalls, version }: Remembered, known: readonly string[] | undefined): Loss {
  const { facts: told, intake } = joined(recalls);
  const names = new Set(known);
  const facts = told.filter(({ event }) => !names.has(keyOf(event)));
  const untold = numbersNotTold(told, { from: known?.length ?? 0, to: version });
  if (known) return facts.length + untold.length > 0 ? { kind: 'behind', facts, untold } : { kind: 'nothing' };
  return intake ? { kind: 'absent', intake, facts, untold } : { kind: 'unknown', version };
}

/** A workflow had read further than anybody was told. */
function numbersNotTold(told: readonly KeptFact[], { from, to }: { from: number; to: number }): readonly number[] {
  const numbers = new Set(told.map(({ seq }) => seq));
  const last = Math.max(to, ...numbers);
  return Array.from({ length: Math.max(0, last - from) }, (_, i) => from + i + 1).filter((seq) => !numbers.has(seq));
}
