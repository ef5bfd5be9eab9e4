// The only place that reads the environment: parsed once, passed down.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  DEFAULT_APPROVAL_LIMITS,
  DEFAULT_WINDOWS_MS,
  approvalLimits,
  broker,
  count,
  currency,
  deaths,
  decimal,
  duration,
  flag,
  fxRates,
  list,
  markup,
  masterKeys,
  pause,
  paymentWindows,
  port,
  webhookKeys,
} from './config-words.ts';

/** What stand-ins take; at the vendors themselves they open nothing. */
const STAND_IN_KEYS = { stripe: 'sk_test_holdfast', chip: 'chip_test_holdfast' } as const;
const CHIPS_OWN = 'https://gate.chip-in.asia/api/v1';
const isChips = (base: string): boolean => URL.canParse(base) && /(^|\.)chip-in\.asia$/.test(new URL(base).hostname);

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
  STRIPE_SECRET_KEY: z.string().default(STAND_IN_KEYS.stripe),
  STRIPE_PUBLISHABLE_KEY: z.string().default('pk_test_holdfast'),
  STRIPE_WEBHOOK_SECRET: list.default([]),
  STRIPE_API_BASE: z.url().optional(),
  STRIPE_CURRENCY_PRIMARY: currency.default('PKR'),
  STRIPE_CURRENCY_FALLBACK: currency.default('USD'),
  CHIP_API_KEY: z.string().default(STAND_IN_KEYS.chip),
  CHIP_BRAND_ID: z.string().default('6d1f5b0a-0000-4000-8000-00000000c419'),
  CHIP_API_BASE: z.url().default(CHIPS_OWN),
  CHIP_WEBHOOK_KEYS: webhookKeys.default([]),
  PAYMENT_METHODS_TTL: duration.default(300_000),
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
  RECONCILE_EVERY: pause.default(900_000),
  WORKFLOW_CACHE: count(1).default(1_000),
  WORKFLOW_BUNDLE: z.string().optional(),
  HOLDFAST_DIE: deaths.default([]),
});

/** A stand-in may call its brands what it likes. */
const Sound = Environment.refine(
  (env) => !isChips(env.CHIP_API_BASE) || z.guid().safeParse(env.CHIP_BRAND_ID).success,
  {
    path: ['CHIP_BRAND_ID'],
    message: 'a brand of CHIP is a uuid',
  },
);

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
  const parsed = Sound.safeParse(set);
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
    temporal: temporalOf(env),
    publicUrl: env.PUBLIC_URL.replace(/\/$/, ''),
    frontendUrls: env.FRONTEND_URL,
    returnUrls: returnUrlsOf(env),
    auth: { secret: env.JWT_SECRET, jwksUrl: env.JWKS_URL, issuer: env.JWT_ISSUER, audience: env.JWT_AUDIENCE },
    masterKeys: [firstKey, ...olderKeys] as const,
    devRoutes: env.DEV_ROUTES,
    stripe: {
      /** Else nobody pays there. */
      isSet: env.STRIPE_SECRET_KEY !== STAND_IN_KEYS.stripe || env.STRIPE_API_BASE !== undefined,
      secretKey: env.STRIPE_SECRET_KEY,
      publishableKey: env.STRIPE_PUBLISHABLE_KEY,
      webhookSecrets: env.STRIPE_WEBHOOK_SECRET,
      apiBase: env.STRIPE_API_BASE,
      currencies: { primary: env.STRIPE_CURRENCY_PRIMARY, fallback: env.STRIPE_CURRENCY_FALLBACK },
    },
    chip: chipOf(env),
    paymentMethodsTtlMs: env.PAYMENT_METHODS_TTL,
    klook: {
      apiKey: env.KLOOK_API_KEY,
      apiBase: env.KLOOK_API_BASE,
      balanceFloor: env.KLOOK_BALANCE_FLOOR,
      orderWhen: env.KLOOK_ORDER,
      captureWhen: env.CAPTURE === 'immediate' ? ('at_once' as const) : env.CAPTURE,
    },
    pricing: pricingOf(env),
    paymentWindowMs: env.PAYMENT_WINDOW,
    trustProxy: env.TRUST_PROXY,
    limits: { createsPerMinute: env.RATE_LIMIT_CREATES, badSignaturesPerMinute: env.RATE_LIMIT_BAD_SIGNATURES },
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, staff: env.STAFF_EMAIL },
    kafka: { brokers: env.KAFKA_BROKERS, clientId: env.KAFKA_CLIENT_ID },
    reconcileEveryMs: env.RECONCILE_EVERY,
    approvalLimits: env.APPROVAL_LIMIT,
    deaths: env.HOLDFAST_DIE,
  };
}

const temporalOf = (env: z.infer<typeof Environment>) => ({
  address: env.TEMPORAL_ADDRESS,
  namespace: env.TEMPORAL_NAMESPACE,
  taskQueue: env.TEMPORAL_TASK_QUEUE,
  tls: readTls(env.TEMPORAL_TLS_CERT, env.TEMPORAL_TLS_KEY),
  apiKey: env.TEMPORAL_API_KEY,
  deployment: env.TEMPORAL_DEPLOYMENT,
  uiUrl: env.TEMPORAL_UI_URL,
  workflowCache: env.WORKFLOW_CACHE,
  bundlePath: env.WORKFLOW_BUNDLE,
});

const pricingOf = (env: z.infer<typeof Environment>) => ({
  markup: env.MARKUP,
  markupMin: env.MARKUP_MIN,
  markupMax: env.MARKUP_MAX,
  tolerancePercent: env.PRICE_TOLERANCE,
  fxRates: env.FX_RATES,
});

const chipOf = (env: z.infer<typeof Environment>) => ({
  isSet: env.CHIP_API_KEY !== STAND_IN_KEYS.chip || env.CHIP_API_BASE !== CHIPS_OWN,
  apiKey: env.CHIP_API_KEY,
  brandId: env.CHIP_BRAND_ID,
  apiBase: env.CHIP_API_BASE,
  webhookKeys: env.CHIP_WEBHOOK_KEYS,
  callbackUrl: `${env.PUBLIC_URL.replace(/\/$/, '')}/webhooks/chip`,
});

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
  const isReal = env.NODE_ENV === 'production' || env.STRIPE_SECRET_KEY.startsWith('sk_live_');
  if (isReal && env.HOLDFAST_DIE.length > 0)
    throw new BadConfiguration('HOLDFAST_DIE is refused with NODE_ENV=production and with a live Stripe key');
  if (!env.DEV_ROUTES) return;
  if (env.NODE_ENV === 'production') throw new BadConfiguration('DEV_ROUTES=true is refused with NODE_ENV=production');
  if (env.STRIPE_SECRET_KEY.startsWith('sk_live_'))
    throw new BadConfiguration('DEV_ROUTES=true is refused with a live Stripe key');
  if (isPublicShop(env))
    throw new BadConfiguration('DEV_ROUTES=true is refused where CHIP itself is paid and PUBLIC_URL is for the public');
  if (!LOOPBACK.has(env.HOST))
    throw new BadConfiguration('DEV_ROUTES=true is refused unless HOST is a loopback address');
}

/** Nothing in a key of CHIP's shows whether it takes real money; customers reach a shop at its address. */
const isPublicShop = ({ CHIP_API_BASE, PUBLIC_URL }: z.infer<typeof Environment>): boolean =>
  isChips(CHIP_API_BASE) && !LOOPBACK.has(new URL(PUBLIC_URL).hostname);

function readTls(certFile: string | undefined, keyFile: string | undefined) {
  if (!certFile || !keyFile) return undefined;
  return { clientCertPair: { crt: readFileSync(certFile), key: readFileSync(keyFile) } };
}
