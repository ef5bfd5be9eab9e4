// Everything one Stripe stand-in holds.
import { Agenda } from '../agenda.ts';
import { FaultBook, HTTP_FAULTS, WEBHOOK_FAULTS } from '../faults.ts';
import { Store } from '../store.ts';
import type { Index, Table } from '../table.ts';
import type { Params } from './form.ts';
import type {
  BalanceTransaction,
  Charge,
  Dispute,
  Intent,
  LineItem,
  PaymentMethod,
  Refund,
  Session,
  StripeEvent,
} from './objects.ts';

export type Settings = {
  /** Until the balance transaction of a captured charge exists (`charge.updated`). */
  balanceMs: number;
  /** Until a pending refund succeeds or a doomed one fails. */
  refundMs: number;
  /** How long a bank debit is `processing`. */
  processingMs: number;
  /** How long an uncaptured hold lives. */
  holdMs: number;
  /** Until a card that disputes does so, and until a bank judges evidence. */
  disputeMs: number;
  /** The shortest life of a hosted page. */
  minSessionMs: number;
  /** Wait after the first failed delivery; doubles up to the cap. */
  webhookRetryMs: number;
  webhookRetryCapMs: number;
  webhookTries: number;
  /** After so many failed attempts an intent is cancelled (Stripe's number is not published). */
  maxFailedAttempts: number;
};

const defaultSettings: Settings = {
  balanceMs: 250,
  refundMs: 1_500,
  processingMs: 2_000,
  holdMs: 7 * 24 * 3_600_000,
  disputeMs: 1_500,
  minSessionMs: 30 * 60_000,
  webhookRetryMs: 1_000,
  webhookRetryCapMs: 30_000,
  webhookTries: 500,
  maxFailedAttempts: 50,
};

export type Endpoint = { id: string; url: string; secret: string };

/** What an intent remembers besides its wire fields. `number` is the test card in use. */
export type Attempt = {
  id: string;
  number: string;
  returnUrl: string | null;
  failures: number;
  bySdk: boolean;
  /** The hosted page it belongs to. */
  session: string | null;
};

/** What a session was made of: its lines, and the parameters of the intent it makes when the customer pays. */
export type Basket = { id: string; lines: LineItem[]; intent: Params };

/** One payment method and the test card or account behind it. */
export type Wallet = { id: string; number: string; method: PaymentMethod };

export type StoredAnswer = { id: string; hash: string; status: number; text: string; requestId: string };

export type Delivery = {
  id: string;
  event: string;
  type: string;
  endpoint: string;
  status: 'pending' | 'delivered' | 'dropped' | 'given_up';
  tries: number;
  lastStatus: number | null;
  lastError: string | null;
  nextAt: number | null;
};

export type World = {
  store: Store;
  settings: Settings;
  faults: FaultBook;
  agenda: Agenda;
  intents: Table<Intent>;
  attempts: Table<Attempt>;
  wallets: Table<Wallet>;
  sessions: Table<Session>;
  baskets: Table<Basket>;
  disputes: Table<Dispute>;
  disputesByCharge: Index<Dispute>;
  charges: Table<Charge>;
  chargesByIntent: Index<Charge>;
  refunds: Table<Refund>;
  refundsByCharge: Index<Refund>;
  refundsByIntent: Index<Refund>;
  balanceTransactions: Table<BalanceTransaction>;
  balanceTransactionsBySource: Index<BalanceTransaction>;
  events: Table<StripeEvent>;
  deliveries: Table<Delivery>;
  answers: Table<StoredAnswer>;
  /** Idempotency keys of requests that are running now. */
  running: Set<string>;
  endpoints: Table<Endpoint>;
  unsupportedCurrencies: Set<string>;
  /** Called with each new event, once it has been kept. */
  deliver: (event: StripeEvent) => void;
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
  const charges = store.table<Charge>('charges');
  const refunds = store.table<Refund>('refunds');
  const disputes = store.table<Dispute>('disputes');
  const balanceTransactions = store.table<BalanceTransaction>('balance_transactions');
  const tasks: Tasks = {};
  const world: World = {
    store,
    settings: { ...defaultSettings, ...options.settings },
    faults: new FaultBook([...HTTP_FAULTS, ...WEBHOOK_FAULTS]),
    agenda: new Agenda(store.table('jobs'), tasks),
    intents: store.table('intents'),
    attempts: store.table('attempts'),
    wallets: store.table('wallets'),
    sessions: store.table('sessions'),
    baskets: store.table('baskets'),
    disputes,
    disputesByCharge: disputes.index((dispute) => dispute.charge),
    charges,
    chargesByIntent: charges.index((charge) => charge.payment_intent),
    refunds,
    refundsByCharge: refunds.index((refund) => refund.charge),
    refundsByIntent: refunds.index((refund) => refund.payment_intent),
    balanceTransactions,
    balanceTransactionsBySource: balanceTransactions.index((transaction) => transaction.source),
    events: store.table('events'),
    deliveries: store.table('deliveries'),
    answers: store.table('answers'),
    running: new Set(),
    endpoints: store.table('endpoints'),
    unsupportedCurrencies: new Set(),
    deliver: () => {},
    url: '',
  };
  Object.assign(tasks, options.tasks(world));
  return world;
}
