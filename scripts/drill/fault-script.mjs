// @ts-check
// Which faults strike, when and whom.

export const FAULT_NAMES = /** @type {const} */ ([
  'kill',
  'postgres',
  'temporal',
  'vendors',
  'webhooks',
  'balance',
  'smtp',
  'kafka',
]);

/** @typedef {typeof FAULT_NAMES[number]} FaultName */
/** @typedef {'stripe' | 'chip' | 'klook' | 'mail'} StandIn */

/**
 * @typedef {{ atMs: number } & (
 *   { kind: 'kill', part: string, downMs: number } |
 *   { kind: 'rule', at: StandIn, rule: Readonly<Record<string, unknown>> } |
 *   { kind: 'balance', forMs: number } |
 *   { kind: 'smtp', forMs: number, rule: Readonly<Record<string, unknown>> } |
 *   { kind: 'kafka' }
 * )} Fault
 */

const PROGRAMS = ['api-1', 'api-2', 'worker-1', 'worker-2', 'background'];
const ROUND_MS = 60_000;
/** Nothing is killed before the first customers are there, or when the last ones have gone. */
const QUIET = { first: 0.1, last: 0.95 };

/**
 * @param {import('./random.mjs').Random} luck
 * @param {{ lastsMs: number, names: readonly FaultName[] }} asked
 * @returns {Fault[]}
 */
export function faultsOf(luck, { lastsMs, names }) {
  const wanted = (/** @type {FaultName} */ name) => names.includes(name);
  const targets = [
    ...(wanted('kill') ? PROGRAMS : []),
    ...(wanted('postgres') ? ['postgres'] : []),
    ...(wanted('temporal') ? ['temporal'] : []),
  ];
  const faults = [
    ...killings(luck, { lastsMs, targets }),
    ...(wanted('vendors') ? vendorRules(luck) : []),
    ...(wanted('webhooks') ? webhookRules(luck) : []),
    ...(wanted('balance') ? [emptyBalance(luck, lastsMs)] : []),
    ...(wanted('smtp') ? [noMail(luck, lastsMs)] : []),
    ...(wanted('kafka') ? [/** @type {Fault} */ ({ kind: 'kafka', atMs: 0 })] : []),
  ];
  return faults.toSorted((a, b) => a.atMs - b.atMs);
}

/**
 * Each part once a minute, in another order each time, and at least once.
 * @param {import('./random.mjs').Random} luck
 * @param {{ lastsMs: number, targets: readonly string[] }} asked
 * @returns {Fault[]}
 */
function killings(luck, { lastsMs, targets }) {
  const rounds = Math.max(1, Math.round(lastsMs / ROUND_MS));
  const order = Array.from({ length: rounds }, () => luck.shuffled(targets)).flat();
  const span = (QUIET.last - QUIET.first) * lastsMs;
  return order.map((part, i) => ({
    kind: 'kill',
    part,
    atMs: Math.round(QUIET.first * lastsMs + ((i + luck.between(0, 80) / 100) * span) / order.length),
    downMs: luck.between(200, 4_000),
  }));
}

const VENDOR_CALLS = /** @type {const} */ ({
  stripe: '^(GET|POST) /v1/',
  chip: '^(GET|POST) /api/v1/',
  klook: '^(GET|POST) /v[23]/',
});

/** @param {import('./random.mjs').Random} luck @returns {Fault[]} */
function vendorRules(luck) {
  const kinds = [
    { kind: 'drop_before', probability: 0.03 },
    { kind: 'drop_after', probability: 0.03 },
    { kind: 'delay', probability: 0.03, ms: 1_500 },
    { kind: 'delay', probability: 0.02, ms: 1_500, after: true },
    { kind: 'status', probability: 0.03, status: 503 },
    { kind: 'status', probability: 0.02, status: 500, after: true },
    { kind: 'status', probability: 0.02, status: 429 },
  ];
  return /** @type {const} */ (['stripe', 'chip', 'klook']).flatMap((at) =>
    kinds.map((rule) => ruleOf(luck, at, { ...rule, match: VENDOR_CALLS[at] })),
  );
}

/** What is lost for ever, and found by polling. */
const NEWS_OF_PAYMENTS = /** @type {const} */ ([
  { at: 'stripe', match: '^(payment_intent|checkout)\\.' },
  { at: 'chip', match: ' purchase\\.' },
]);

/** @param {import('./random.mjs').Random} luck @returns {Fault[]} */
function webhookRules(luck) {
  const kinds = [
    { kind: 'webhook_delay', probability: 0.15, ms: 4_000 },
    { kind: 'webhook_duplicate', probability: 0.15 },
    { kind: 'webhook_reorder', probability: 0.1 },
  ];
  const forged = [
    { kind: 'webhook_bad_signature', probability: 0.04 },
    { kind: 'webhook_wrong_key', probability: 0.04 },
  ];
  return [
    ...NEWS_OF_PAYMENTS.map(({ at, match }) => ruleOf(luck, at, { kind: 'webhook_drop', probability: 0.1, match })),
    ...kinds.map((rule) => ruleOf(luck, 'stripe', rule)),
    ...[...kinds, ...forged].map((rule) => ruleOf(luck, 'chip', rule)),
  ];
}

/**
 * @param {import('./random.mjs').Random} luck
 * @param {StandIn} at
 * @param {Readonly<Record<string, unknown>>} rule
 * @returns {Fault}
 */
const ruleOf = (luck, at, rule) => ({ kind: 'rule', atMs: 0, at, rule: { ...rule, seed: luck.seed() } });

/** @param {import('./random.mjs').Random} luck @param {number} lastsMs @returns {Fault} */
const emptyBalance = (luck, lastsMs) => ({
  kind: 'balance',
  atMs: Math.round((lastsMs * luck.between(20, 60)) / 100),
  forMs: Math.round((lastsMs * luck.between(10, 20)) / 100),
});

/** @param {import('./random.mjs').Random} luck @param {number} lastsMs @returns {Fault} */
const noMail = (luck, lastsMs) => ({
  kind: 'smtp',
  atMs: Math.round((lastsMs * luck.between(10, 50)) / 100),
  forMs: Math.round((lastsMs * luck.between(20, 40)) / 100),
  rule: luck.chance(0.5) ? { kind: 'drop' } : { kind: 'reject', status: 451 },
});
