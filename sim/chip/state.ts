// Everything one CHIP stand-in holds.
import { Agenda } from '../agenda.ts';
import { FaultBook, HTTP_FAULTS, WEBHOOK_FAULTS } from '../faults.ts';
import { Store } from '../store.ts';
import type { Index, Table } from '../table.ts';
import type { KeyPair } from './keys.ts';
import type { Payment, Purchase, Webhook } from './objects.ts';

/** What may go wrong with a signature, besides what may happen to any webhook. */
export const SIGNATURE_FAULTS = ['webhook_bad_signature', 'webhook_wrong_key'] as const;

/** Choices where CHIP's documents and its answers differ, or where a test wants one of several fates. */
export const settingWords = {
  errors: ['lists', 'objects', 'plain'],
  body: ['flat', 'wrapped'],
  publicKey: ['plain', 'escaped'],
  callbacks: ['send', 'none'],
  webhooks: ['send', 'none'],
  refunds: ['at_once', 'slow', 'slow_fail', 'fail'],
} as const;

type Word<Name extends keyof typeof settingWords> = (typeof settingWords)[Name][number];

export type Settings = {
  /** `{"__all__": [{…}]}`, `{"__all__": {…}}` or `{code, message}`. */
  errors: Word<'errors'>;
  /** Of webhooks: the object itself, or `{event_type, object}`. */
  body: Word<'body'>;
  /** Line breaks of the company's key as they are, or as `\n`. */
  publicKey: Word<'publicKey'>;
  callbacks: Word<'callbacks'>;
  webhooks: Word<'webhooks'>;
  refunds: Word<'refunds'>;
  /** Accepted currencies, with commas. */
  currencies: string;
  /** Wait before each success callback and each webhook. */
  callbackMs: number;
  webhookMs: number;
  /** How long money is on its way when it does not come at once. */
  executeMs: number;
  refundMs: number;
  /** Until a payment whose payer is called so is charged back. */
  chargebackMs: number;
  /** How long money is held that nobody takes. */
  holdMs: number;
  /** Wait after the first failed delivery; doubles up to the cap. */
  webhookRetryMs: number;
  webhookRetryCapMs: number;
  webhookTries: number;
};

const defaultSettings: Settings = {
  errors: 'lists',
  body: 'flat',
  publicKey: 'plain',
  callbacks: 'send',
  webhooks: 'send',
  refunds: 'at_once',
  currencies: 'MYR',
  callbackMs: 0,
  webhookMs: 0,
  executeMs: 2_000,
  refundMs: 1_500,
  chargebackMs: 1_500,
  holdMs: 7 * 24 * 3_600_000,
  webhookRetryMs: 1_000,
  webhookRetryCapMs: 30_000,
  webhookTries: 9,
};

export type Channel = 'success_callback' | 'webhook';

export type ChipEvent = { id: string; type: string; source: string; created: number; object: Purchase | Payment };

export type Delivery = {
  id: string;
  event: string;
  type: string;
  channel: Channel;
  /** The webhook's id, or the company's own key. */
  signer: string;
  url: string;
  /** The object it is about: deliveries of one go one after another. */
  source: string;
  status: 'pending' | 'delivered' | 'dropped' | 'given_up';
  tries: number;
  lastStatus: number | null;
  lastError: string | null;
  nextAt: number | null;
};

/** What a purchase remembers besides its wire fields: a refund or a payment on its way, and how it will end. */
export type Errand = {
  id: string;
  kind: 'execute' | 'refund';
  amount: number;
  method: string;
  ends: 'well' | 'badly';
};

/** The one webhook that the program which starts this asks for; it keeps its id and key over restarts. */
export type Standing = { id: 'standing'; webhook: string };

export type World = {
  store: Store;
  settings: Settings;
  faults: FaultBook;
  agenda: Agenda;
  purchases: Table<Purchase>;
  purchasesByReference: Index<Purchase>;
  payments: Table<Payment>;
  paymentsByPurchase: Index<Payment>;
  errands: Table<Errand>;
  webhooks: Table<Webhook>;
  standing: Table<Standing>;
  keys: Table<KeyPair>;
  events: Table<ChipEvent>;
  deliveries: Table<Delivery>;
  /** Called with each new event, once it has been kept. */
  deliver: (event: ChipEvent, channels: readonly Channel[]) => void;
  /** Names that fail once per reference. */
  usedOnce: Set<string>;
  /** Own address, known once it listens. */
  url: string;
};

export type Tasks = Record<string, (ref: string) => void>;

export function createWorld(options: {
  file?: string | undefined;
  settings?: Partial<Settings> | undefined;
  tasks: (world: World) => Tasks;
}): World {
  const store = new Store(options.file);
  const purchases = store.table<Purchase>('purchases');
  const payments = store.table<Payment>('payments');
  const tasks: Tasks = {};
  const world: World = {
    store,
    settings: { ...defaultSettings, ...options.settings },
    faults: new FaultBook([...HTTP_FAULTS, ...WEBHOOK_FAULTS, ...SIGNATURE_FAULTS]),
    agenda: new Agenda(store.table('jobs'), tasks),
    purchases,
    purchasesByReference: purchases.index(({ reference }) => reference || null),
    payments,
    paymentsByPurchase: payments.index(({ related_to }) => related_to.id),
    errands: store.table('errands'),
    webhooks: store.table('webhooks'),
    standing: store.table('standing'),
    keys: store.table('keys'),
    events: store.table('events'),
    deliveries: store.table('deliveries'),
    deliver: () => {},
    usedOnce: new Set(),
    url: '',
  };
  Object.assign(tasks, options.tasks(world));
  return world;
}

export const acceptedCurrencies = ({ settings }: World): string[] =>
  settings.currencies
    .split(',')
    .map((code) => code.trim().toUpperCase())
    .filter(Boolean);
