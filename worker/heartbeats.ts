// Says that a long verb is still at work, so that another worker takes it over soon after this one died.
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/** Only verbs that were given a heartbeat limit are expected to show signs of life. */
export const heartbeats = (context: Context): ActivityInterceptors => ({
  inbound: {
    async execute(input, next) {
      const limitMs = context.info.heartbeatTimeoutMs;
      if (!limitMs) return next(input);
      const beating = setInterval(() => context.heartbeat(), limitMs / 4);
      try {
        return await next(input);
      } finally {
        clearInterval(beating);
      }
    },
  },
});
