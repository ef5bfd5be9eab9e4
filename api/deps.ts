// What every router is given. Nothing in api/ reads the environment, opens a connection or asks the clock by itself.
import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config.ts';
import type { Database } from '../db/client.ts';
import type { Keyring } from '../db/keyring.ts';
import type { Gateway, GatewayName } from '../domain/payment.ts';
import type { Supplier, SupplierName } from '../domain/supply.ts';
import type { Logger } from '../log.ts';
import { createAuth } from './auth.ts';
import type { Auth } from './auth.ts';
import type { Probes } from './health-look.ts';
import type { AppEnv } from './http/env.ts';
import { createRateLimiter, limitPerBooking, limitPerToken } from './http/rate-limit.ts';
import type { BookingIdOf } from './http/rate-limit.ts';
import { idempotent } from './idempotency.ts';
import { createLinks } from './links.ts';
import type { Links } from './links.ts';
import { createInboxDoor } from './webhooks.ts';
import type { InboxDoor } from './webhooks.ts';

export interface Parts {
  readonly config: Config;
  readonly db: Database;
  readonly keyring: Keyring;
  readonly temporal: Client;
  readonly codec: PayloadCodec;
  readonly gateways: Readonly<Record<GatewayName, Gateway>>;
  readonly suppliers: Readonly<Record<SupplierName, Supplier>>;
  readonly probes: Probes;
  readonly log: Logger;
  readonly clock: () => Date;
}

export interface AppDeps extends Parts {
  readonly auth: Auth;
  readonly links: Links;
  /** Middleware for every POST that can have an effect; behind `auth.require` or `auth.optional`. */
  readonly idempotent: MiddlewareHandler<AppEnv>;
  /** Middleware for what creates bookings, carts and payments; behind `auth.require` or `auth.optional`. */
  readonly limitCreates: MiddlewareHandler<AppEnv>;
  /** Middleware for what sends a letter when asked to; where the `id` of its path may be another name of the booking, told which one it is. */
  readonly limitLetters: (bookingIdOf?: BookingIdOf) => MiddlewareHandler<AppEnv>;
  readonly inbox: InboxDoor;
}

const LETTERS_PER_MINUTE = 3;

/** Limits and doors that all routers share, so that there is one allowance and not one per router. */
export function assembleDeps(parts: Parts): AppDeps {
  const { config, clock } = parts;
  const letters = createRateLimiter({ perMinute: LETTERS_PER_MINUTE, clock });
  return {
    ...parts,
    auth: createAuth(config.auth),
    links: createLinks({ masterKeys: config.masterKeys, clock }),
    idempotent: idempotent(parts),
    limitCreates: limitPerToken(
      createRateLimiter({ perMinute: config.limits.createsPerMinute, clock }),
      config.trustProxy,
    ),
    limitLetters: (bookingIdOf) => limitPerBooking(letters, bookingIdOf),
    inbox: createInboxDoor({
      ...parts,
      badSignaturesPerMinute: config.limits.badSignaturesPerMinute,
      trustProxy: config.trustProxy,
    }),
  };
}
