// The only place that reads the environment: parsed once, passed down.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { STOREFRONTS } from './domain/booking.ts';
import type { Storefront } from './domain/booking.ts';
import { isCurrency, parseDecimal, parseMajor } from './domain/money.ts';

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

const duration = z
  .string()
  .regex(/^\d+[smh]$/, 'a duration reads 90s, 30m or 24h')
  .transform((text) => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 1_000));
const decimal = z.string().refine((text) => parseDecimal(text) !== undefined, 'not a decimal');
const currency = z.string().refine(isCurrency, 'a currency reads PKR');
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
const broker = z.string().regex(/^[^\s:,/]+:\d{1,5}$/, 'a broker reads host:9092');
const count = (least: number) =>
  z.coerce.number('must be a number').int('must be a whole number').min(least, `must be at least ${least}`);
const port = count(0).max(65_535, 'must be at most 65535');

const markup = z.string().transform((text, context) => {
  const match = /^(percent|fixed):(\d+(?:\.\d+)?)$/.exec(text);
  if (match?.[1] === 'percent' || match?.[1] === 'fixed') return { type: match[1], value: match[2] ?? '0' } as const;
  context.addIssue('a markup reads percent:10 or fixed:5.00');
  return z.NEVER;
});

const DEFAULT_WINDOWS_MS: Record<Storefront, number> = {
  trektoo: 30 * 60_000,
  cart: 24 * 3_600_000,
  dreamscape: 30 * 60_000,
  travello: 24 * 3_600_000,
  airport: 30 * 60_000,
};

/** "45m" for every storefront, or "trektoo=30m,cart=24h" for some. */
const paymentWindows = z.string().transform((text, context): Record<Storefront, number> => {
  const windows = { ...DEFAULT_WINDOWS_MS };
  for (const part of text.split(',').filter(Boolean)) {
    const [name, value] = part.includes('=') ? part.split('=') : [undefined, part];
    const ms = duration.safeParse(value?.trim());
    const targets = STOREFRONTS.filter((s) => name === undefined || s === name.trim());
    if (!ms.success || targets.length === 0)
      context.addIssue(`${part} is no window: 30m for all storefronts, or trektoo=30m,cart=24h for some`);
    for (const target of targets) windows[target] = ms.data ?? windows[target];
  }
  return windows;
});

/** "PKR/USD=0.0036,USD/EUR=0.92" */
const fxRates = z.string().transform((text, context) => {
  const rates = new Map<string, string>();
  for (const part of text.split(',').filter(Boolean)) {
    const match = /^\s*([A-Z]{3}\/[A-Z]{3})\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part);
    if (match?.[1] && match[2]) rates.set(match[1], match[2]);
    else context.addIssue(`${part} is no rate: it reads PKR/USD=0.0036`);
  }
  return rates;
});

interface ApprovalLimits {
  /** In major units, by currency. */
  readonly of: ReadonlyMap<string, string>;
  /** For every currency that is not named; null: there always a second person is asked. */
  readonly others: string | null;
}

/** "EUR:500,PKR:150000"; a bare number, alone or beside these, holds for every currency that is not named. */
const approvalLimits = z.string().transform((text, context): ApprovalLimits => {
  const limits = new Map<string, string>();
  for (const part of text.split(',')) {
    const [, name = '', amount = ''] = /^\s*(?:([A-Z]{3})\s*:\s*)?(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    const isRead = name === '' ? parseDecimal(amount) : parseMajor(amount, name);
    if (!isRead)
      context.addIssue(`${part} is no limit: it reads PKR:150000, or 500 for every currency that is not named`);
    if (limits.has(name)) context.addIssue(`${part} names a limit that was named before`);
    limits.set(name, amount);
  }
  const others = limits.get('') ?? null;
  limits.delete('');
  return { of: limits, others };
});

const DEFAULT_APPROVAL_LIMITS: ApprovalLimits = {
  of: new Map(Object.entries({ EUR: '1000', USD: '1000', GBP: '1000', HKD: '8000', JPY: '150000', PKR: '250000' })),
  others: null,
};

/** One base64 key of 32 bytes, or several as id=key, the first of which wraps what is new. */
const masterKeys = z.string().transform((text, context) => {
  const keys = text
    .split(',')
    .filter(Boolean)
    .map((part, index) => {
      const named = /^([\w-]+)=([A-Za-z0-9+/]{43}=)$/.exec(part.trim());
      const id = named?.[1] ?? `m${index + 1}`;
      return { id, bytes: Buffer.from(named?.[2] ?? part.trim(), 'base64') };
    });
  if (keys.length === 0 || keys.some((key) => key.bytes.length !== 32))
    context.addIssue('must be 32 bytes in base64, or id=key pairs');
  return keys;
});

const Environment = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  DATA_DIR: z.string().default('.holdfast'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  DATABASE_URL: z.string().min(1),
  DATABASE_POOL: count(2).max(200).default(16),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_TASK_QUEUE: z.string().default('holdfast'),
  TEMPORAL_TLS_CERT: z.string().optional(),
  TEMPORAL_TLS_KEY: z.string().optional(),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_DEPLOYMENT: z.string().optional(),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
  PUBLIC_URL: z.url().default('http://127.0.0.1:3000'),
  FRONTEND_URL: list.default(['http://localhost:5173']),
  FRONTEND_PAYMENT_SUCCESS_URL: z.url().optional(),
  FRONTEND_PAYMENT_CANCEL_URL: z.url().optional(),
  JWT_SECRET: z.string().min(16).optional(),
  JWKS_URL: z.url().optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  ENCRYPTION_KEY: masterKeys,
  DEV_ROUTES: flag.default(false),
  STRIPE_SECRET_KEY: z.string().default('sk_test_holdfast'),
  STRIPE_PUBLISHABLE_KEY: z.string().default('pk_test_holdfast'),
  STRIPE_WEBHOOK_SECRET: list.default([]),
  STRIPE_API_BASE: z.url().optional(),
  STRIPE_CURRENCY_PRIMARY: currency.default('PKR'),
  STRIPE_CURRENCY_FALLBACK: currency.default('USD'),
  KLOOK_API_KEY: z.string().default('klook_test_holdfast'),
  KLOOK_API_BASE: z.url().default('https://sandbox-api.klktech.com'),
  KLOOK_BALANCE_FLOOR: decimal.default('1000'),
  KLOOK_ORDER: z.enum(['after_payment', 'before_payment']).default('after_payment'),
  MARKUP: markup.default({ type: 'percent', value: '10' }),
  MARKUP_MIN: decimal.default('0'),
  MARKUP_MAX: decimal.default('100'),
  PRICE_TOLERANCE: decimal.default('0'),
  CAPTURE: z.enum(['immediate', 'after_supplier']).default('immediate'),
  PAYMENT_WINDOW: paymentWindows.default(DEFAULT_WINDOWS_MS),
  FX_RATES: fxRates.default(new Map()),
  TRUST_PROXY: count(0).default(0),
  RATE_LIMIT_CREATES: count(1).default(240),
  RATE_LIMIT_BAD_SIGNATURES: count(1).default(60),
  SMTP_URL: z.url().default('smtp://127.0.0.1:12125'),
  MAIL_FROM: z.string().default('Holdfast <bookings@holdfast.example>'),
  STAFF_EMAIL: list
    .refine((all) => all.every((each) => each.includes('@')), 'must be mail addresses, with commas between them')
    .default(['staff@holdfast.example']),
  SUPPORT_EMAIL: z.string().default('support@holdfast.example'),
  BRAND: z.string().default('Holdfast'),
  KAFKA_BROKERS: list.pipe(z.array(broker)).default([]),
  KAFKA_CLIENT_ID: z.string().regex(/^\S+$/, 'must be one word').default('holdfast'),
  APPROVAL_LIMIT: approvalLimits.default(DEFAULT_APPROVAL_LIMITS),
  WORKFLOW_CACHE: count(1).default(1_000),
  WORKFLOW_BUNDLE: z.string().optional(),
});

/** Every variable there is; docs/configuration.md describes each. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
}

export type Config = ReturnType<typeof readConfig>;

/** Empty variables count as unset, so that a commented-out line in a .env file means what it says. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(set);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => faultIn(String(path[0]), { message, set }));
    throw new BadConfiguration(`The environment cannot be used:\n${faults.join('\n')}`);
  }
  refuseUnsafe(parsed.data);
  return grouped(parsed.data);
}

const MAY_HOLD_A_SECRET = /KEY|SECRET|URL/;

function faultIn(name: string, { message, set }: { message: string; set: Readonly<Record<string, unknown>> }): string {
  if (!(name in set)) return `  ${name} is missing`;
  return MAY_HOLD_A_SECRET.test(name) ? `  ${name}: ${message}` : `  ${name}=${String(set[name])}: ${message}`;
}

/** By who needs it, so that nobody is handed more than concerns them. */
function grouped(env: z.infer<typeof Environment>) {
  const [firstKey, ...olderKeys] = env.ENCRYPTION_KEY;
  if (!firstKey) throw new BadConfiguration('ENCRYPTION_KEY: missing');
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    brand: env.BRAND,
    supportEmail: env.SUPPORT_EMAIL,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL,
    databasePool: env.DATABASE_POOL,
    temporal: {
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      taskQueue: env.TEMPORAL_TASK_QUEUE,
      tls: readTls(env.TEMPORAL_TLS_CERT, env.TEMPORAL_TLS_KEY),
      apiKey: env.TEMPORAL_API_KEY,
      deployment: env.TEMPORAL_DEPLOYMENT,
      uiUrl: env.TEMPORAL_UI_URL,
      workflowCache: env.WORKFLOW_CACHE,
      bundlePath: env.WORKFLOW_BUNDLE,
    },
    publicUrl: env.PUBLIC_URL.replace(/\/$/, ''),
    frontendUrls: env.FRONTEND_URL,
    returnUrls: returnUrlsOf(env),
    auth: { secret: env.JWT_SECRET, jwksUrl: env.JWKS_URL, issuer: env.JWT_ISSUER, audience: env.JWT_AUDIENCE },
    masterKeys: [firstKey, ...olderKeys] as const,
    devRoutes: env.DEV_ROUTES,
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY,
      publishableKey: env.STRIPE_PUBLISHABLE_KEY,
      webhookSecrets: env.STRIPE_WEBHOOK_SECRET,
      apiBase: env.STRIPE_API_BASE,
      currencies: { primary: env.STRIPE_CURRENCY_PRIMARY, fallback: env.STRIPE_CURRENCY_FALLBACK },
    },
    klook: {
      apiKey: env.KLOOK_API_KEY,
      apiBase: env.KLOOK_API_BASE,
      balanceFloor: env.KLOOK_BALANCE_FLOOR,
      orderWhen: env.KLOOK_ORDER,
      captureWhen: env.CAPTURE === 'immediate' ? ('at_once' as const) : env.CAPTURE,
    },
    pricing: {
      markup: env.MARKUP,
      markupMin: env.MARKUP_MIN,
      markupMax: env.MARKUP_MAX,
      tolerancePercent: env.PRICE_TOLERANCE,
      fxRates: env.FX_RATES,
    },
    paymentWindowMs: env.PAYMENT_WINDOW,
    trustProxy: env.TRUST_PROXY,
    limits: { createsPerMinute: env.RATE_LIMIT_CREATES, badSignaturesPerMinute: env.RATE_LIMIT_BAD_SIGNATURES },
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, staff: env.STAFF_EMAIL },
    kafka: { brokers: env.KAFKA_BROKERS, clientId: env.KAFKA_CLIENT_ID },
    approvalLimits: env.APPROVAL_LIMIT,
  };
}

/** Of several frontends the first is the shop. */
function returnUrlsOf(env: z.infer<typeof Environment>): { success: string; cancel: string } {
  const shop = (env.FRONTEND_URL[0] ?? env.PUBLIC_URL).replace(/\/$/, '');
  return {
    success: env.FRONTEND_PAYMENT_SUCCESS_URL ?? `${shop}/payment-success`,
    cancel: env.FRONTEND_PAYMENT_CANCEL_URL ?? `${shop}/payment-cancel`,
  };
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** Routes that hand out tokens must never be reachable where real money or strangers are. */
function refuseUnsafe(env: z.infer<typeof Environment>): void {
  if (!env.DEV_ROUTES) return;
  if (env.NODE_ENV === 'production') throw new BadConfiguration('DEV_ROUTES=true is refused with NODE_ENV=production');
  if (env.STRIPE_SECRET_KEY.startsWith('sk_live_'))
    throw new BadConfiguration('DEV_ROUTES=true is refused with a live Stripe key');
  if (!LOOPBACK.has(env.HOST))
    throw new BadConfiguration('DEV_ROUTES=true is refused unless HOST is a loopback address');
}

function readTls(certFile: string | undefined, keyFile: string | undefined) {
  if (!certFile || !keyFile) return undefined;
  return { clientCertPair: { crt: readFileSync(certFile), key: readFileSync(keyFile) } };
}
