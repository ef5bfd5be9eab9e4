// Failures on demand: a list of rules, each saying which calls it hits, how, how often and with what luck.
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from './random.ts';
import { cut, isRecord, textFrom } from './reply.ts';
import type { Outcome, Reply } from './reply.ts';

export const HTTP_FAULTS = ['drop_before', 'drop_after', 'delay', 'status'] as const;
export const WEBHOOK_FAULTS = ['webhook_drop', 'webhook_delay', 'webhook_duplicate', 'webhook_reorder'] as const;

export type Fault = {
  id: string;
  match: string;
  kind: string;
  /** Answer of kind `status`. */
  status: number;
  /** The vendor's error code to put into that answer; empty = the stand-in's own choice. */
  code: string;
  headers: Record<string, string>;
  ms: number;
  /** With `delay` and `status`: let the call take effect first. */
  after: boolean;
  times: number | null;
  probability: number;
  seed: number;
  hits: number;
};

type Rule = { fault: Fault; pattern: RegExp; luck: () => number };

export class FaultBook {
  readonly #kinds: readonly string[];
  #rules: Rule[] = [];
  #count = 0;

  constructor(kinds: readonly string[]) {
    this.#kinds = kinds;
  }

  list(): Fault[] {
    return this.#rules.map((rule) => rule.fault);
  }

  clear(): void {
    this.#rules = [];
  }

  /** Adds a rule; a text is the reason why it was refused. */
  add(input: unknown): Fault | string {
    if (!isRecord(input)) return 'send a JSON object';
    const kind = textFrom(input['kind']);
    if (!this.#kinds.includes(kind)) return `kind must be one of ${this.#kinds.join(', ')}`;
    const match = input['match'] ?? '.*';
    if (typeof match !== 'string') return 'match must be a regular expression in a string';
    const pattern = patternFrom(match);
    if (!pattern) return `match is not a regular expression: ${match}`;
    const fault = faultFrom(input, { id: `fault_${this.#count + 1}`, kind, match });
    if (typeof fault === 'string') return fault;
    this.#count += 1;
    this.#rules.push({ fault, pattern, luck: seeded(fault.seed) });
    return fault;
  }

  /** The first rule that hits this call, used up by one. */
  take(subject: string, kinds: readonly string[] = this.#kinds): Fault | undefined {
    if (this.#rules.length === 0) return undefined;
    for (const { fault, pattern, luck } of this.#rules) {
      if (fault.times !== null && fault.hits >= fault.times) continue;
      if (!kinds.includes(fault.kind) || !pattern.test(subject)) continue;
      if (fault.probability < 1 && luck() >= fault.probability) continue;
      fault.hits += 1;
      return fault;
    }
    return undefined;
  }
}

function patternFrom(source: string): RegExp | undefined {
  try {
    return new RegExp(source);
  } catch {
    return undefined;
  }
}

function faultFrom(input: Record<string, unknown>, known: { id: string; kind: string; match: string }): Fault | string {
  const numbers = {
    status: numberFrom(input['status'], 500),
    ms: numberFrom(input['ms'], 1000),
    probability: numberFrom(input['probability'], 1),
    seed: numberFrom(input['seed'], Math.floor(Math.random() * 1e9)),
    times: input['times'] === undefined || input['times'] === null ? null : Number(input['times']),
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== null && !(value >= 0)) return `${name} must be a number of at least 0`;
  }
  if (!Number.isInteger(numbers.status) || numbers.status < 200 || numbers.status > 599) {
    return 'status must be an HTTP status from 200 to 599';
  }
  const headers = isRecord(input['headers']) ? input['headers'] : {};
  return {
    ...known,
    ...numbers,
    code: typeof input['code'] === 'string' ? input['code'] : '',
    headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, String(v)])),
    after: input['after'] === true,
    hits: 0,
  };
}

function numberFrom(value: unknown, fallback: number): number {
  return value === undefined || value === null ? fallback : Number(value);
}

/** Runs a call under a fault. `failure` builds the vendor's body for kind `status`. */
export async function underFault(
  fault: Fault | undefined,
  failure: (fault: Fault) => Reply,
  effect: () => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  if (!fault) return effect();
  if (fault.kind === 'drop_before') return cut;
  if (fault.kind === 'status' && !fault.after) return failure(fault);
  if (fault.kind === 'delay' && !fault.after) await sleep(fault.ms);
  const outcome = await effect();
  if (fault.kind === 'delay' && fault.after) await sleep(fault.ms);
  if (fault.kind === 'drop_after') return cut;
  return fault.kind === 'status' ? failure(fault) : outcome;
}
