// One answer as plain data, so that it can be stored for replays, delayed, or thrown away by a fault.
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';

export type Reply = { status: number; text: string; headers: Record<string, string> };
export const cut = Symbol('the socket is closed without an answer');
export type Outcome = Reply | typeof cut;

export type SimEnv = { Bindings: HttpBindings };

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    text: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  };
}

export function page(status: number, markup: { toString(): string }): Reply {
  return {
    status,
    text: markup.toString(),
    headers: { 'content-type': 'text/html; charset=utf-8' },
  };
}

export function redirect(location: string): Reply {
  return { status: 303, text: '', headers: { location } };
}

export function send(context: Context<SimEnv>, outcome: Outcome): Response {
  if (outcome === cut) {
    context.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return new Response(outcome.text === '' ? null : outcome.text, {
    status: outcome.status,
    headers: outcome.headers,
  });
}

/** Parses a JSON body into an object; anything else is `undefined`, which each vendor reports in its own shape. */
export function objectFrom(text: string): Record<string, unknown> | undefined {
  const value = valueFrom(text);
  return isRecord(value) ? value : undefined;
}

export function valueFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text or number of a parsed body as text; anything else as none. */
export function textFrom(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
