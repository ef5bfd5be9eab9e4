// One call to CHIP: what counts as an answer, as a refusal, and as not knowing.
import type { z } from 'zod';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';

export interface ChipAccess {
  readonly apiKey: string;
  /** With its path: …/api/v1. */
  readonly apiBase: string;
  readonly timeoutMs?: number | undefined;
}

/** What CHIP finds fault with; `path` leads to the field, and is empty for the request as a whole. */
export interface Fault {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export type ChipReply =
  /** JSON where it is JSON, else the text itself. */
  | { kind: 'answered'; body: unknown }
  /** Its clear no. */
  | { kind: 'refused'; status: number; fault: Fault };

export type ChipCall = (method: 'GET' | 'POST', path: string, body?: object) => Promise<ChipReply>;

// Under the 10 s that the shortest activity has, so that we learn of the time-out ourselves.
const DEFAULT_TIMEOUT_MS = 8_000;
const LATER = new Set([408, 409, 425, 429]);
const NOT_PERMITTED = new Set([401, 403]);

export function connectToChip({ apiKey, apiBase, timeoutMs = DEFAULT_TIMEOUT_MS }: ChipAccess): ChipCall {
  const base = apiBase.replace(/\/+$/, '');
  const headers = { Authorization: `Bearer ${apiKey}`, Accept: 'application/json' };
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
    throw new GatewayUnreachable('no answer from CHIP', { cause });
  }
}

function replyOf(response: Response, text: string): ChipReply {
  const { status, headers } = response;
  if (status >= 500 || LATER.has(status))
    throw new GatewayUnreachable(`CHIP answered HTTP ${status}`, retryAfterOf(headers));
  const body = jsonOr(text);
  if (response.ok) return { kind: 'answered', body };
  const fault = faultIn(body);
  if (NOT_PERMITTED.has(status))
    throw new GatewayRejected(fault?.code ?? `http_${status}`, `CHIP refuses our key (HTTP ${status})`);
  if (!fault) throw new GatewayRejected(`http_${status}`, `CHIP answered HTTP ${status} without a reason`);
  return { kind: 'refused', status, fault };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function retryAfterOf(headers: Headers): { retryAfterMs?: number } {
  const seconds = Number(headers.get('retry-after'));
  return seconds > 0 ? { retryAfterMs: seconds * 1000 } : {};
}

/** Names that stand for the request, or for a reason as such, and not for a field. */
const NO_FIELD = new Set(['__all__', 'non_field_errors', 'detail']);
const DEEPEST = 8;

/**
 * The first thing CHIP complains of. Its documents and its answers know three shapes: `{"__all__": [{code, message}]}`
 * with a list or a single object, `{field: [{code, message}]}` at any depth, and `{code, message}`.
 */
function faultIn(body: unknown, path = '', depth = 0): Fault | undefined {
  if (typeof body === 'string') return depth > 0 && body !== '' ? { path, code: 'invalid', message: body } : undefined;
  if (typeof body !== 'object' || body === null || depth > DEEPEST) return undefined;
  if (Array.isArray(body)) return firstOf(body.map((each) => () => faultIn(each, path, depth + 1)));
  const { code, message } = body as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === 'string' && code !== '')
    return { path, code, message: typeof message === 'string' && message !== '' ? message : code };
  return firstOf(
    Object.entries(body).map(
      ([name, inner]) =>
        () =>
          faultIn(inner, NO_FIELD.has(name) ? path : [path, name].filter(Boolean).join('.'), depth + 1),
    ),
  );
}

function firstOf(looks: readonly (() => Fault | undefined)[]): Fault | undefined {
  for (const look of looks) {
    const fault = look();
    if (fault) return fault;
  }
  return undefined;
}

/** Its words about a payer may quote what we know of him, and are kept with the booking: of him only the field is told. */
export function wordsOf({ path, code, message }: Fault): string {
  if (path === '') return message;
  return /^client\b/.test(path) ? `CHIP does not accept ${path}: ${code}` : `${path}: ${message}`;
}

export const rejectionOf = ({ fault }: Extract<ChipReply, { kind: 'refused' }>): GatewayRejected =>
  new GatewayRejected(fault.code, wordsOf(fault));

/** For calls that are always answered, unless we asked for something there is not. */
export function answerOf(reply: ChipReply): unknown {
  if (reply.kind === 'refused') throw rejectionOf(reply);
  return reply.body;
}

/** What does not read as it should is no answer: what it would have told is unknown. */
export function readAs<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new GatewayUnreachable('CHIP gave an answer of unexpected shape', { cause: parsed.error });
}
