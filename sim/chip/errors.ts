// CHIP's error bodies. Its documents and its answers know three shapes; the setting `errors` picks the one given here.
import type { Fault } from '../faults.ts';
import { json } from '../reply.ts';
import type { Reply } from '../reply.ts';
import type { Settings } from './state.ts';

/** `path` leads to the field of the body that is wrong; empty for the request as a whole. */
export type Problem = { path: readonly (string | number)[]; code: string; message: string };

/** Thrown anywhere below an endpoint, turned into the answer at its top. */
export class ChipError extends Error {
  readonly status: number;
  readonly problems: readonly Problem[];

  constructor(status: number, problems: readonly Problem[]) {
    super(problems[0]?.message ?? 'refused');
    this.status = status;
    this.problems = problems;
  }
}

export function refusal(code: string, message: string): ChipError {
  return new ChipError(400, [{ path: [], code, message }]);
}

export function notFound(): ChipError {
  return new ChipError(404, [{ path: [], code: 'not_found', message: 'Not found.' }]);
}

export function methodNotAllowed(method: string): ChipError {
  const message = `Method "${method}" not allowed.`;
  return new ChipError(405, [{ path: [], code: 'method_not_allowed', message }]);
}

export function unauthorized(): ChipError {
  return new ChipError(401, [{ path: [], code: 'authentication_failed', message: 'Incorrect secret_key' }]);
}

export function errorReply(error: unknown, shape: Settings['errors']): Reply {
  if (error instanceof ChipError) return json(error.status, bodyOf(error.problems, shape));
  console.error('chip stand-in: unexpected', error);
  return json(500, bodyOf([{ path: [], code: 'internal_error', message: 'Internal error.' }], shape));
}

export function faultReply(fault: Fault, shape: Settings['errors']): Reply {
  const word = { 403: 'forbidden', 409: 'conflict', 422: 'unprocessable_entity', 429: 'rate_limited' }[fault.status];
  const code = fault.code || word || (fault.status < 500 ? 'invalid' : 'internal_error');
  const reply = json(fault.status, bodyOf([{ path: [], code, message: 'Asked for by a fault.' }], shape));
  return { ...reply, headers: { ...reply.headers, ...fault.headers } };
}

type Tree = { [field: string]: unknown };

function bodyOf(problems: readonly Problem[], shape: Settings['errors']): Tree {
  if (shape === 'plain') {
    const { code, message } = problems[0] ?? { code: 'invalid', message: '' };
    return { code, message };
  }
  const body: Tree = {};
  for (const { path, code, message } of problems) {
    const said = { message, code };
    const leaf = path.length === 0 || typeof path.at(-1) === 'number' ? [...path, '__all__'] : path;
    plant(body, leaf, shape === 'objects' && leaf.at(-1) === '__all__' ? said : [said]);
  }
  return body;
}

/** A position in a list becomes a key of an object, so that no holes need filling. */
function plant(tree: Tree, [head, ...rest]: readonly (string | number)[], value: unknown): void {
  const key = String(head);
  if (rest.length === 0) {
    const known = tree[key];
    tree[key] = Array.isArray(known) && Array.isArray(value) ? [...known, ...value] : value;
    return;
  }
  const branch = tree[key];
  const next: Tree = typeof branch === 'object' && branch !== null ? { ...branch } : {};
  tree[key] = next;
  plant(next, rest, value);
}
