import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { VisibleError } from '../errors.ts';

const LARGEST_BODY_BYTES = 1_048_576;

/**
 * An announced length is judged by its header alone: the library would look at the body itself, and on Node
 * that builds a whole web request around the socket. Without one it counts what arrives.
 */
export function limitBody(): MiddlewareHandler {
  const counting = bodyLimit({ maxSize: LARGEST_BODY_BYTES, onError: refuse });
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const announced = c.req.header('Content-Length');
    if (announced === undefined || c.req.header('Transfer-Encoding') !== undefined) return counting(c, next);
    return Number(announced) > LARGEST_BODY_BYTES ? refuse() : next();
  };
}

function refuse(): never {
  throw new VisibleError('too_large', 'The body is larger than 1 MiB.');
}
