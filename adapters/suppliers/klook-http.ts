// One call to Klook: what counts as an answer, as a refusal, and as not knowing.
import { z } from 'zod';
import { SupplierRejected, SupplierUnreachable } from '../../domain/supply.ts';

export interface KlookConfig {
  readonly apiKey: string;
  readonly apiBase: string;
  readonly timeoutMs?: number | undefined;
}

export type KlookReply =
  | { kind: 'answered'; body: JsonObject }
  /** Klook's clear no; `code` is its word, or `http_<status>` where it gave none. */
  | { kind: 'refused'; status: number; code: string; message: string; body: JsonObject };

export type KlookCall = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<KlookReply>;

// Two calls fit into the 30 s of one activity.
const DEFAULT_TIMEOUT_MS = 12_000;

const jsonObject = z.record(z.string(), z.unknown());
export type JsonObject = z.output<typeof jsonObject>;

// v2 speaks of `code`, v3 of `status`; either may be a number, which says nothing.
const word = z.string().regex(/^[A-Za-z]\w+$/);
const errorWire = z.object({
  success: z.boolean().nullish().catch(null),
  error: z
    .object({
      code: word.nullish().catch(null),
      status: word.nullish().catch(null),
      message: z.string().nullish().catch(null),
    })
    .nullish()
    .catch(null),
  message: z.string().nullish().catch(null),
});

const NOT_PERMITTED = new Set(['UNAUTHORIZED', 'UNAUTHENTICATED', 'FORBIDDEN', 'PERMISSION_DENIED']);
const LATER = new Set([408, 425, 429]);
const BUSY = new Set(['RATE_LIMITED', 'TOO_MANY_REQUESTS', 'SERVICE_ERROR', 'SYSTEM_MAINTENANCE', 'INTERNAL_ERROR']);

/** Node's fetch keeps connections open between calls. */
export function connectToKlook({ apiKey, apiBase, timeoutMs = DEFAULT_TIMEOUT_MS }: KlookConfig): KlookCall {
  const base = apiBase.replace(/\/+$/, '');
  const headers = { 'X-API-KEY': apiKey, 'Accept-Language': 'en_US', Accept: 'application/json' };
  return async (method, path, body) => {
    const { response, text } = await exchange(`${base}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return replyOf(response, text);
  };
}

async function exchange(url: string, request: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, request);
    return { response, text: await response.text() };
  } catch (cause) {
    throw new SupplierUnreachable('no answer from Klook', { cause });
  }
}

function replyOf(response: Response, text: string): KlookReply {
  const { status, headers } = response;
  if (status >= 500 || LATER.has(status)) {
    throw new SupplierUnreachable(`Klook answered HTTP ${status}`, retryAfterOf(headers));
  }
  // Not every way to look up an order need exist at the real one, and a missing page may be of any shape.
  const body = objectIn(text) ?? (status === 404 ? {} : undefined);
  if (body === undefined) {
    if (response.ok) throw new SupplierUnreachable('Klook answered something other than a JSON object');
    throw new SupplierRejected(`http_${status}`, `Klook answered HTTP ${status} without a reason`);
  }
  const { success, error, message } = errorWire.parse(body);
  // A success may carry an empty `error` beside it.
  if (response.ok && (success === true || (success !== false && !error))) return { kind: 'answered', body };
  const code = (error?.code ?? error?.status)?.toUpperCase();
  if (status === 401 || status === 403 || (code !== undefined && NOT_PERMITTED.has(code))) {
    throw new SupplierRejected(code ?? `http_${status}`, `Klook refuses our key (HTTP ${status})`);
  }
  if (code === undefined ? response.ok : BUSY.has(code)) {
    throw new SupplierUnreachable(`Klook answered HTTP ${status} without success: ${code ?? 'no reason'}`);
  }
  const said = error?.message ?? message ?? code ?? `HTTP ${status}`;
  return { kind: 'refused', status, code: code ?? `http_${status}`, message: said, body };
}

function objectIn(text: string): JsonObject | undefined {
  try {
    return jsonObject.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function retryAfterOf(headers: Headers): { retryAfterMs?: number } {
  const told = headers.get('retry-after') ?? '';
  const waitMs = /^\d+$/.test(told) ? Number(told) * 1000 : Date.parse(told) - Date.now();
  return waitMs > 0 ? { retryAfterMs: waitMs } : {};
}
