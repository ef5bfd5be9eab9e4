// @ts-check
// What people and tools are told once everything runs.
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure } from './failure.mjs';
import { LOOPBACK } from './ports.mjs';

const READY_WITHIN_MS = 30_000;

// What the demo, the drill and a curious person need to reach the running stack; nothing else leaves the supervisor.
const FOR_TOOLS = [
  'PUBLIC_URL',
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_TASK_QUEUE',
  'JWT_SECRET',
  'ENCRYPTION_KEY',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_API_BASE',
  'CHIP_API_KEY',
  'CHIP_BRAND_ID',
  'CHIP_API_BASE',
  'KLOOK_API_KEY',
  'KLOOK_API_BASE',
  'SMTP_URL',
  'KAFKA_BROKERS',
  'DATA_DIR',
];

/** @typedef {import('./stack-parts.mjs').Plan} Plan */

/**
 * Where everything is reached.
 * @param {Plan} plan
 * @returns {Record<string, string>}
 */
export function urlsOf({ ports, parts, env }) {
  const at = (/** @type {number} */ port) => `http://${LOOPBACK}:${port}`;
  const standIns = parts.standIns.map((name) => [name, at(name === 'mail' ? ports.mailPage : ports[name])]);
  return {
    api: at(ports.api),
    ...(parts.temporal && { temporalUi: at(ports.temporalUi) }),
    ...Object.fromEntries(standIns),
    ...(env.PUBLIC_URL && { public: env.PUBLIC_URL }),
  };
}

/** @param {Plan} plan */
export function stackFacts(plan) {
  const env = Object.fromEntries(
    FOR_TOOLS.flatMap((name) => (plan.env[name] === undefined ? [] : [[name, plan.env[name]]])),
  );
  return { urls: urlsOf(plan), env };
}

/** @param {string} api */
export async function untilApiIsReady(api) {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    const response = await answerOf(`${api}/readyz`);
    if (response?.ok) return;
    if (response) last = `${response.status} ${(await response.text()).slice(0, 200)}`;
    await sleep(100);
  }
  throw new PlainFailure(
    `The API did not become ready within ${READY_WITHIN_MS / 1000} s; ${api}/readyz last said: ${last}`,
  );
}

/**
 * The ready line's list: what answers, and only that.
 * @param {Record<string, string>} urls
 * @returns {Promise<string[]>}
 */
export async function linkLines(urls) {
  const pages = [
    ['API docs', `${urls.api}/docs`],
    ['console', `${urls.api}/ops`],
    ['Temporal', urls.temporalUi],
    ['Stripe', urls.stripe],
    ['CHIP', urls.chip],
    ['Klook', urls.klook],
    ['mail', urls.mail],
  ];
  const lines = await Promise.all(
    pages.map(async ([name = '', url]) => (url && (await isThere(url)) ? [`  ${name.padEnd(12)}${url}`] : [])),
  );
  return [...lines.flat(), ...(await staffLines(urls.api ?? ''))];
}

/**
 * A token for staff, while the routes for development are on.
 * @param {string} api
 */
async function staffLines(api) {
  const body = JSON.stringify({ sub: 'staff-1', role: 'staff' });
  const response = await answerOf(`${api}/dev/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!response?.ok) return [];
  const answer = /** @type {{ token: string }} */ (await response.json());
  return [`  ${'staff'.padEnd(12)}curl -H "Authorization: Bearer ${answer.token}" ${api}/v1/bookings`];
}

/** @param {string} url */
async function isThere(url) {
  const response = await answerOf(url);
  return response !== undefined && response.status !== 404;
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<Response | undefined>}
 */
async function answerOf(url, init = {}) {
  return fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
}
