// Whether a request was sent to this very machine by its own name: a page elsewhere can point a name at us, but not this one.
import type { Context } from 'hono';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const isOnThisMachine = (c: Context): boolean => LOOPBACK.has(new URL(c.req.url).hostname);

/** A page on this machine goes by several names. */
export function originsOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [url];
  const { hostname, origin, port, protocol } = new URL(url);
  if (!LOOPBACK.has(hostname)) return [origin];
  return [...LOOPBACK].map((name) => new URL(`${protocol}//${name}:${port}`).origin);
}
