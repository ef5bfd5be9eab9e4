// @ts-check
// Requests whose every answer is shown and checked.
import { PlainFailure } from '../parts/failure.mjs';
import { call } from './http.mjs';

/**
 * @typedef {object} Exchange
 * @property {'GET' | 'POST' | 'PATCH' | 'DELETE'} [method]
 * @property {string} path
 * @property {Record<string, string>} [headers] beside the token
 * @property {unknown} [json]
 * @property {string} text what it is about
 * @property {number} [status] that must be answered, 200 unless it is said
 * @property {unknown} [body] what the answer must hold; a regular expression stands for the texts it fits
 */

/** @typedef {ReturnType<typeof wireOf>} Wire */

/**
 * @param {import('./screen.mjs').Screen} screen
 * @param {string} api
 * @param {{ who: import('./screen.mjs').Who, token?: string }} caller
 */
export function wireOf(screen, api, { who, token }) {
  const signed = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    /**
     * @template T
     * @param {Exchange} exchange
     * @returns {Promise<T>}
     */
    async ask({ method = 'GET', path, headers = {}, json, text, status = 200, body }) {
      /** @type {import('./http.mjs').Answer<T>} */
      const answer = await call(`${api}${path}`, {
        method,
        headers: { ...signed, ...headers },
        ...(json !== undefined && { json }),
      });
      const { sentAt, ms } = answer;
      screen.step({ at: sentAt, who, text: `${method} ${path}: ${text}`, detail: `${answer.status} in ${ms} ms` });
      for (const [name, value] of Object.entries(headers)) screen.wire('>', `${name}: ${value}`);
      if (json !== undefined) screen.wire('>', spaced(json));
      screen.wire('<', spaced(answer.body));
      const wrong = answer.status === status ? misfit(answer.body, body) : `${answer.status} instead of ${status}`;
      if (wrong !== undefined) throw new PlainFailure(`${method} ${path} was not answered as it must be: ${wrong}.`);
      return answer.body;
    },
  };
}

/**
 * The first place where an answer does not hold what it must; what is not asked for may be there beside it.
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [place]
 * @returns {string | undefined}
 */
export function misfit(actual, expected, place = 'the body') {
  if (expected === undefined) return undefined;
  if (expected instanceof RegExp) {
    return expected.test(String(actual)) ? undefined : `${place} is ${spaced(actual)}, not like ${expected}`;
  }
  if (typeof expected !== 'object' || expected === null) {
    return actual === expected ? undefined : `${place} is ${spaced(actual)}, not ${spaced(expected)}`;
  }
  if (typeof actual !== 'object' || actual === null) return `${place} is ${spaced(actual)}`;
  const found = new Map(Object.entries(actual));
  for (const [name, part] of Object.entries(expected)) {
    const wrong = misfit(found.get(name), part, place === 'the body' ? name : `${place}.${name}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/**
 * On one line, with room to break it.
 * @param {unknown} value
 */
export const spaced = (value) => (JSON.stringify(value, null, 1) ?? 'nothing').replaceAll(/\n\s*/g, ' ');
