// Whether a request was sent to this very machine by its own name: a page elsewhere can point a name at us, but not this one.
import type { Context } from 'hono';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const isOnThisMachine = (c: Context): boolean => LOOPBACK.has(new URL(c.req.url).hostname);
