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
      path: c.req.path,
      status: c.res.status,
      ms: Math.round((performance.now() - started) * 10) / 10,
      ...(bookingId === undefined ? {} : { bookingId }),
    };
    if (line.status >= 500) log.error({ ...line, err: c.error }, 'request failed');
    else log.info(line, 'request');
  };
}

/** For lines within a request; made when there is one to write, since most requests write none. */
export const logOf = (c: Context<AppEnv>): Logger => c.get('log').child({ requestId: c.get('requestId') });
