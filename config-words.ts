// How settings are written: each kind is read once, and says what it should look like when it cannot be.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { STOREFRONTS } from './domain/booking.ts';
import type { Storefront } from './domain/booking.ts';
import { isCurrency, parseDecimal, parseMajor } from './domain/money.ts';

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

export const duration = z
  .string()
  .regex(/^\d+[smh]$/, 'a duration reads 90s, 30m or 24h')
  .transform((text) => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 1_000));
/** How often something is done by itself; null: never. */
export const pause = z.union([z.literal('off').transform(() => null), duration]);
export const decimal = z.string().refine((text) => parseDecimal(text) !== undefined, 'not a decimal');
export const currency = z.string().refine(isCurrency, 'a currency reads PKR');
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
export const broker = z.string().regex(/^[^\s:,/]+:\d{1,5}$/, 'a broker reads host:9092');
export const count = (least: number) =>
  z.coerce.number('must be a number').int('must be a whole number').min(least, `must be at least ${least}`);
export const port = count(0).max(65_535, 'must be at most 65535');

const MOMENTS = ['before', 'inside', 'after', 'reported'] as const;

/** A worker's end on purpose: at which moment of which activity. */
export interface Death {
  readonly activity: string;
  readonly moment: (typeof MOMENTS)[number];
  /** The how manieth time it begins in this process; null: whenever it gets there. */
  readonly nth: number | null;
}

/** "payOrder:inside,executeRefund:after:2" */
export const deaths = list.transform((parts, context): readonly Death[] =>
  parts.flatMap((part) => {
    const [activity = '', word, nth, ...more] = part.split(':');
    const moment = MOMENTS.find((each) => each === word);
    const isNumber = nth === undefined || /^[1-9]\d*$/.test(nth);
    if (/^\w+$/.test(activity) && moment && isNumber && more.length === 0)
      return [{ activity, moment, nth: nth === undefined ? null : Number(nth) }];
    context.addIssue(`${part} is no death: it reads payOrder:${MOMENTS.join('|')}, with :2 for the second time only`);
    return [];
  }),
);

export const markup = z.string().transform((text, context) => {
  const match = /^(percent|fixed):(\d+(?:\.\d+)?)$/.exec(text);
  if (match?.[1] === 'percent' || match?.[1] === 'fixed') return { type: match[1], value: match[2] ?? '0' } as const;
  context.addIssue('a markup reads percent:10 or fixed:5.00');
  return z.NEVER;
});

export const DEFAULT_WINDOWS_MS: Record<Storefront, number> = {
  trektoo: 30 * 60_000,
  cart: 24 * 3_600_000,
  dreamscape: 30 * 60_000,
  travello: 24 * 3_600_000,
  airport: 30 * 60_000,
};

/** "45m" for every storefront, or "trektoo=30m,cart=24h" for some. */
export const paymentWindows = z.string().transform((text, context): Record<Storefront, number> => {
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
export const fxRates = z.string().transform((text, context) => {
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
export const approvalLimits = z.string().transform((text, context): ApprovalLimits => {
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

export const DEFAULT_APPROVAL_LIMITS: ApprovalLimits = {
  of: new Map(
    Object.entries({ EUR: '1000', USD: '1000', GBP: '1000', HKD: '8000', JPY: '150000', MYR: '4000', PKR: '250000' }),
  ),
  others: null,
};

/** One base64 key of 32 bytes, or several as id=key, the first of which wraps what is new. */
const NAMED_KEY = /^([\w-]+)=([A-Za-z0-9+/]{43}=)$/;

export const masterKeys = list.transform((parts, context) => {
  const keys = parts.map((part) => {
    const [, id = 'm1', key = part] = NAMED_KEY.exec(part) ?? [];
    return { id, bytes: Buffer.from(key, 'base64') };
  });
  if (keys.length === 0 || keys.some((key) => key.bytes.length !== 32))
    context.addIssue('must be 32 bytes in base64, or id=key pairs');
  // By their place they would change names when one is put in front, and none would open what it wrapped.
  const areTold = keys.length < 2 || parts.every((part) => NAMED_KEY.test(part));
  if (!areTold || new Set(keys.map(({ id }) => id)).size < keys.length)
    context.addIssue('several keys need a name each: new=…,m1=… (the one that had none is m1)');
  return keys;
});

/** "id=file,id=file": the public keys of webhooks, each in a PEM file. */
export const webhookKeys = z.string().transform((text, context) =>
  text
    .split(',')
    .filter(Boolean)
    .flatMap((part) => {
      const [, webhookId, file] = /^\s*([\w-]+)=(.+?)\s*$/.exec(part) ?? [];
      const pem = file === undefined ? undefined : publicKeyIn(file);
      if (webhookId !== undefined && pem !== undefined) return [{ webhookId, pem }];
      context.addIssue(`${part} is no key of a webhook: it reads id=file, and the file holds an RSA public key in PEM`);
      return [];
    }),
);

function publicKeyIn(file: string): string | undefined {
  try {
    const pem = readFileSync(file, 'utf8');
    return createPublicKey(pem).asymmetricKeyType === 'rsa' ? pem : undefined;
  } catch {
    return undefined;
  }
}
