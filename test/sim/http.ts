// The few ways in which these tests speak HTTP and wait.
import { vi } from 'vitest';

// Whole processes are started here, on machines that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** Asks again until it holds. */
export function eventually(assertion: () => unknown): Promise<unknown> {
  return vi.waitFor(assertion, { timeout: 15_000, interval: 20 });
}

/** Asks for JSON; the caller names the shape it goes on to assert. */
export async function readJson<Shape>(url: string, init: RequestInit = {}): Promise<Shape> {
  return (await (await fetch(url, init)).json()) as Shape;
}

export async function post(url: string, body: unknown) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** What `fetch` says when the other side hangs up. */
export const HUNG_UP = 'fetch failed';
