// Typed reading of parameters, refusing what Stripe refuses with Stripe's codes.
import { invalidParameter, invalidRequest } from './errors.ts';
import { isBranch } from './form.ts';
import type { Params, Tree } from './form.ts';
import type { Metadata } from './objects.ts';

/** Names every client may send with any call. */
const EVERYWHERE = new Set(['expand', 'key', '_stripe_version', '_stripe_account']);

export function allowOnly(params: Params, names: readonly string[]): void {
  for (const name of Object.keys(params)) {
    if (EVERYWHERE.has(name) || names.includes(name)) continue;
    throw invalidParameter(name, 'parameter_unknown', `Received unknown parameter: ${name}`);
  }
}

export function text(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    throw invalidRequest(`Invalid string: ${name}`, { param: name });
  }
  return value;
}

/** A field that an empty text clears. */
export function clearable(params: Params, name: string): string | null | undefined {
  const value = text(params, name);
  return value === '' ? null : value;
}

export function requiredText(params: Params, name: string): string {
  const value = text(params, name);
  if (value === undefined || value === '') throw absent(name);
  return value;
}

export function integer(params: Params, name: string): number | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) {
    throw invalidParameter(name, 'parameter_invalid_integer', `Invalid integer: ${value}`);
  }
  return Number(value);
}

export function requiredInteger(params: Params, name: string): number {
  const value = integer(params, name);
  if (value === undefined) throw absent(name);
  return value;
}

export function flag(params: Params, name: string): boolean | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw invalidRequest(`Invalid boolean: ${value}`, { param: name });
}

export function oneOf<Word extends string>(params: Params, name: string, words: readonly Word[]): Word | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) {
    throw invalidRequest(`Invalid ${name}: must be one of ${words.join(', ')}`, { param: name });
  }
  return word;
}

export function branch(params: Params, name: string): Params | undefined {
  const value = params[name];
  return isBranch(value) ? value : undefined;
}

export function texts(params: Params, name: string): string[] {
  const value: Tree | undefined = params[name];
  if (value === undefined) return [];
  const items = Array.isArray(value) ? value : isBranch(value) ? Object.values(value) : [value];
  return items.filter((item) => typeof item === 'string');
}

/** Merges `metadata[...]` into what is there; an empty value removes its key, an empty metadata all of them. */
export function mergedMetadata(params: Params, before: Metadata = {}): Metadata {
  const given = params['metadata'];
  if (given === undefined) return before;
  if (given === '') return {};
  const entries = Array.isArray(given) ? Object.entries(given) : isBranch(given) ? Object.entries(given) : [];
  const metadata = new Map(Object.entries(before));
  for (const [key, value] of entries) {
    const kept = metadataValue(key, value);
    if (kept === '') metadata.delete(key);
    else metadata.set(key, kept);
  }
  if (metadata.size > 50) {
    throw invalidRequest('Metadata can have up to 50 keys.', { param: 'metadata' });
  }
  return Object.fromEntries(metadata);
}

function metadataValue(key: string, value: Tree): string {
  const param = `metadata[${key}]`;
  if (typeof value !== 'string') throw invalidRequest(`Invalid string: ${param}`, { param });
  if (key.length > 40) {
    throw invalidRequest(`Metadata keys can be up to 40 characters long: ${key}`, { param });
  }
  if (value.length > 500) {
    throw invalidRequest(`Metadata values can have up to 500 characters: ${key}`, { param });
  }
  return value;
}

export function absent(name: string) {
  return invalidParameter(name, 'parameter_missing', `Missing required param: ${name}.`);
}
