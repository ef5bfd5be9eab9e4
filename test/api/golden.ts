// Golden files: a request, what it is sent upon, and the answer to the letter; {{text}} and {{number}} stand for what chance or the
// clock decides, "{{#name}}" for a name that is a number.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const OF_STAYS = ['session', 'declined', 'refunded', 'arrival', 'arrival_paid'] as const;

const UNPAID = ['asked', 'changed', 'processing', 'declined', 'left', 'failed', 'expired', 'closed', 'erased'] as const;
const CHECKOUTS = [...UNPAID, 'paid', 'partly_refunded', 'refunded'] as const;

const Case = z.object({
  name: z.string(),
  given: z.enum(['open', 'confirmed', 'replaced', 'processing', 'cancelled', 'expired', ...OF_STAYS]).optional(),
  /** The cart that there is. */
  cart: z.enum(['empty', 'filled', 'vouchered', 'owned', 'owned_filled']).optional(),
  /** How far its payment is. */
  checkout: z.enum(CHECKOUTS).optional(),
  /** Null: nobody's token. */
  as: z
    .object({
      sub: z.string().default('alice'),
      role: z.string().default('customer'),
      storefront: z.string().optional(),
    })
    .nullable()
    .default({ sub: 'alice', role: 'customer' }),
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()).optional(),
    /** Sent as it stands. */
    body: z.unknown().optional(),
    /** What differs from the example of the OpenAPI document, by path; "$absent" takes a field away. */
    change: z.record(z.string(), z.unknown()).optional(),
  }),
  response: z.object({ status: z.number(), body: z.unknown(), headers: z.record(z.string(), z.string()).optional() }),
  /** What Klook is asked meanwhile; left out where that does not matter. */
  klook: z.array(z.string()).optional(),
  /** What the booking's workflow is told. */
  heard: z.string().optional(),
});
export type CheckoutStage = (typeof CHECKOUTS)[number];
export type GoldenCase = z.output<typeof Case>;

export function goldenFiles(folder: string): { file: string; cases: GoldenCase[] }[] {
  const root = join(import.meta.dirname, '../contracts', folder);
  return readdirSync(root)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => ({ file, cases: z.array(Case).parse(JSON.parse(readFileSync(join(root, file), 'utf8'))) }));
}

export function changed(example: unknown, change: Readonly<Record<string, unknown>>): unknown {
  const copy: unknown = structuredClone(example);
  for (const [path, value] of Object.entries(change)) put(copy, path.split('.'), value);
  return copy;
}

function put(target: unknown, [name = '', ...rest]: string[], value: unknown): void {
  if (typeof target !== 'object' || target === null) throw new Error(`there is no ${name} to change`);
  if (rest.length > 0) put(Reflect.get(target, name), rest, value);
  else if (value === '$absent') Reflect.deleteProperty(target, name);
  else Reflect.set(target, name, value);
}

export type Names = Readonly<Record<string, string>>;

export const named = (text: string, names: Names): string =>
  text
    .replaceAll(/"\{\{#(\w+)\}\}"/g, (whole, name: string) => names[name] ?? whole)
    .replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => names[name] ?? whole);

/** Says where an answer differs from the golden one; an empty list is a match. */
export function differences(golden: unknown, actual: unknown, names: Names, at = 'body'): string[] {
  if (golden === '{{text}}')
    return typeof actual === 'string' && actual !== '' ? [] : [`${at}: ${JSON.stringify(actual)} is no text`];
  if (golden === '{{number}}') return Number.isInteger(actual) ? [] : [`${at}: ${JSON.stringify(actual)} is no number`];
  if (typeof golden === 'string' && golden.startsWith('{{#'))
    return differences(Number(named(JSON.stringify(golden), names)), actual, names, at);
  if (typeof golden === 'string')
    return named(golden, names) === actual ? [] : [`${at}: ${JSON.stringify(actual)}, not ${named(golden, names)}`];
  if (typeof golden !== 'object' || golden === null || typeof actual !== 'object' || actual === null) {
    return Object.is(golden, actual) ? [] : [`${at}: ${JSON.stringify(actual)}, not ${JSON.stringify(golden)}`];
  }
  const fields = new Set([...Object.keys(golden), ...Object.keys(actual)]);
  return [...fields].flatMap((name) =>
    differences(Reflect.get(golden, name), Reflect.get(actual, name), names, `${at}.${name}`),
  );
}
