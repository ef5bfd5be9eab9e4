// The Temporal Web UI's window on encrypted histories: staff only, and every look leaves a trace.
import { createRoute, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { KeyDestroyed } from '../db/keyring.ts';
import { recordAudit } from '../db/audit.ts';
import { principalOf, STAFF } from './auth.ts';
import type { Principal } from './auth.ts';
import type { AppDeps } from './deps.ts';
import { nativeArea, VisibleError } from './errors.ts';
import type { AppEnv } from './http/env.ts';
import { isOnThisMachine, originsOf } from './http/loopback.ts';
import { FOR_STAFF, createRouter, json, jsonBody, refusals } from './http/router.ts';
import type { Router } from './http/router.ts';

/** Payloads as the UI sends them: protobuf's JSON, in which bytes are base64. */
const Base64 = z.base64();
const PayloadWire = z.object({ metadata: z.record(z.string(), Base64).optional(), data: Base64.optional() });
type PayloadWire = z.infer<typeof PayloadWire>;
const Payloads = z.object({ payloads: z.array(PayloadWire).max(1_000) });

const EXAMPLE = { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'eyJvayI6dHJ1ZX0=' }] };

const routeOf = (verb: 'encode' | 'decode', summary: string) =>
  createRoute({
    method: 'post',
    path: `/codec/${verb}` as const,
    tags: ['operators'],
    summary,
    security: FOR_STAFF,
    request: { body: jsonBody(Payloads, EXAMPLE) },
    responses: {
      200: json('The payloads, in the same order', Payloads),
      ...refusals(nativeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden'),
    },
  });

export function codec({ auth, codec: payloadCodec, config, db }: AppDeps): Router {
  const router = createRouter();
  const staff = auth.require({ roles: STAFF, wholeHouse: true });
  router.use('/codec/*', config.devRoutes ? orDevServersUi(staff, config.temporal.uiUrl) : staff);

  router.openapi(routeOf('decode', 'Decrypt payloads of histories'), async (c) => {
    const sealed = c.req.valid('json').payloads.map(fromWire);
    const { sub, role } = principalOf(c);
    await recordAudit(db, { actor: sub, role, action: 'codec.decode', ...traceOf(sealed) });
    const opened = await payloadCodec.decode(sealed).catch(refuseUnreadable);
    return c.json({ payloads: opened.map(toWire) }, 200);
  });

  // The UI does not say which booking it writes to, and under no other key would that one read it: ids and enums stay in clear.
  router.openapi(routeOf('encode', 'Take payloads of requests made in the Temporal Web UI, as they are'), async (c) => {
    const { payloads } = c.req.valid('json');
    const { sub, role } = principalOf(c);
    await recordAudit(db, { actor: sub, role, action: 'codec.encode', detail: { payloads: payloads.length } });
    return c.json({ payloads }, 200);
  });

  return router;
}

const DEV_UI: Principal = { sub: 'temporal-web-ui', role: 'staff' };

/** Only where anybody on this machine may make a staff token anyway: the dev server's UI has none to send. */
function orDevServersUi(staff: MiddlewareHandler<AppEnv>, uiUrl: string): MiddlewareHandler<AppEnv> {
  const origins = originsOf(uiUrl);
  return async (c, next) => {
    const fromUi = origins.includes(c.req.header('Origin') ?? '') && isOnThisMachine(c);
    if (!fromUi || c.req.header('Authorization') !== undefined) return staff(c, next);
    c.set('principal', DEV_UI);
    return next();
  };
}

type Payload = Parameters<AppDeps['codec']['decode']>[0][number];

const fromWire = ({ metadata, data }: PayloadWire): Payload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
  ),
  data: Buffer.from(data ?? '', 'base64'),
});

const base64Of = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');

const toWire = ({ metadata, data }: Payload): PayloadWire => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64Of(bytes)])),
  data: base64Of(data),
});

/** Which keys were used, so that the trail says whose data was seen. */
function traceOf(payloads: readonly Payload[]) {
  const keyIds = [
    ...new Set(payloads.map(({ metadata }) => Buffer.from(metadata?.['key-id'] ?? []).toString()).filter(Boolean)),
  ];
  const [only] = keyIds;
  return {
    bookingId: keyIds.length === 1 ? (only ?? null) : null,
    detail: { keyIds: keyIds.slice(0, 50), payloads: payloads.length },
  };
}

function refuseUnreadable(error: unknown): never {
  if (error instanceof KeyDestroyed) {
    throw new VisibleError(
      'conflict',
      'The person behind this booking was erased; their data cannot be read any more.',
      { code: 'key_destroyed', cause: error },
    );
  }
  throw new VisibleError('invalid', 'A payload cannot be decrypted.', { code: 'undecodable', cause: error });
}
