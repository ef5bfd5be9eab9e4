// One line per request, with the ids to follow it by and nothing about the person: no query string, no body, no subject.
import type { Context, MiddlewareHandler } from 'hono';
import type { Logger } from '../../log.ts';
import type { AppEnv } from './env.ts';

export function requestLog(log: Logger): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const started = performance.now();
    c.set('log', log);
    await next();
    const bookingId = c.get('bookingId');
    const line = {
      requestId: c.get('requestId'),
      method: c.req.method,
      path: pathForLog(c.req.path),
      status: c.res.status,
      ms: Math.round((performance.now() - started) * 10) / 10,
      ...(bookingId === undefined ? {} : { bookingId }),
    };
    if (line.status >= 500) log.error({ ...line, err: c.error }, 'request failed');
    else log.info(line, 'request');
  };
}

/** A cart's id is all that holding it takes: of ids like it only so much is said as to tell them apart. */
const pathForLog = (path: string): string =>
  path.replaceAll(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '$1…');

/** For lines within a request; made when there is one to write, since most requests write none. */
export const logOf = (c: Context<AppEnv>): Logger => c.get('log').child({ requestId: c.get('requestId') });
