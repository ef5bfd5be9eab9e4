// One text per JSON value, whatever the order of its fields and the spaces between: what "the same body" means.
import { createHash } from 'node:crypto';

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The hash of a request's text: of the value it says, or of its letters when it is no JSON. */
export function bodyHashOf(text: string): string {
  try {
    return hashOf(canonicalJson(JSON.parse(text)));
  } catch {
    return hashOf(text);
  }
}
