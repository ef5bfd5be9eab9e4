// @ts-check
import { PlainFailure } from '../parts/failure.mjs';

const ANSWER_WITHIN_MS = 30_000;

/**
 * @template T
 * @typedef {object} Answer
 * @property {number} status
 * @property {number} sentAt
 * @property {number} ms
 * @property {T} body parsed JSON, or undefined when it is none
 * @property {Buffer} bytes
 * @property {Headers} headers
 */

/**
 * @typedef {object} Request
 * @property {string} [method]
 * @property {Record<string, string>} [headers]
 * @property {unknown} [json]
 * @property {Record<string, string>} [form]
 */

/**
 * One request. The caller says which body it expects and checks the status.
 * @template T
 * @param {string} url
 * @param {Request} [request]
 * @returns {Promise<Answer<T>>}
 */
export async function call(url, { method = 'GET', headers = {}, json, form } = {}) {
  const sentAt = Date.now();
  const begun = performance.now();
  const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(json !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const ms = Math.round(performance.now() - begun);
    return { status: response.status, sentAt, ms, body: bodyOf(response, bytes), bytes, headers: response.headers };
  } catch (error) {
    throw new PlainFailure(`${new URL(url).origin} does not answer (${reasonOf(error)}).`);
  }
}

/**
 * The same, for requests that must not be refused.
 * @template T
 * @param {string} url
 * @param {Request} [request]
 * @returns {Promise<Answer<T>>}
 */
export async function mustCall(url, request) {
  /** @type {Answer<T>} */
  const answer = await call(url, request);
  if (answer.status < 300) return answer;
  const said = answer.bytes.toString('utf8').replaceAll(/\s+/g, ' ').slice(0, 300);
  throw new PlainFailure(`${request?.method ?? 'GET'} ${url} was answered ${answer.status}: ${said}`);
}

/**
 * What a server of this checkout or its stand-ins sends: trusted to have the shape that its contract tests check.
 * @param {Response} response
 * @param {Buffer} bytes
 */
function bodyOf(response, bytes) {
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return isJson ? JSON.parse(bytes.toString('utf8')) : undefined;
}

/** @param {unknown} error */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
