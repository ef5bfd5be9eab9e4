// What a customer's frontend and a member of staff do: tokens, create-intent, the card form at Stripe, asking how it stands.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Stack } from './stack.ts';

export type JsonObject = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: JsonObject;
}

export interface Claims {
  readonly sub: string;
  readonly role?: 'customer' | 'staff' | 'service' | 'admin';
}

export interface Visitor {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** The data of a create-intent. */
export interface Intent {
  readonly booking_id: string;
  readonly payment_id: string;
  readonly payment_intent_id: string;
  readonly client_secret: string;
  readonly amount: string;
  readonly agent_order_id: string;
  readonly publishable_key: string;
}

export const CREATE_INTENT = '/api/payments/klook/create-intent';
export const CARDS = {
  good: '4242424242424242',
  declined: '4000000000000002',
  insufficient: '4000000000009995',
  challenged: '4000002760003184',
  disputed: '4000000000000259',
} as const;

const ANSWER_WITHIN_MS = 30_000;

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_WITHIN_MS), ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: objectIn(text) };
}

function objectIn(text: string): JsonObject {
  const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed)) : {};
}

export async function signIn({ apiUrl }: Stack, claims: Claims): Promise<Visitor> {
  const answer = await ask(`${apiUrl}/dev/tokens`, json(claims));
  return visitorWith(apiUrl, String(answer.body['token']));
}

export function visitorWith(apiUrl: string, token: string): Visitor {
  const authorization = `Bearer ${token}`;
  return {
    get: (path) => ask(apiUrl + path, { headers: { authorization } }),
    post: (path, body, headers = {}) => {
      const { method, headers: content, body: text } = json(body);
      return ask(apiUrl + path, { method, body: text, headers: { ...content, authorization, ...headers } });
    },
  };
}

/** A text is sent as it is. */
export const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export interface Wish {
  readonly agentOrderId?: string;
  readonly firstName?: string;
  /** Klook's stand-in makes the order go wrong when it ends with one of its sentinels. */
  readonly familyName?: string;
  readonly change?: JsonObject;
}

const LEAD_MS = 30 * 86_400_000;
let serial = 0;

/** One adult on the harbour cruise: 42.50 for Klook, 46.75 for the customer. */
export function orderFor({ agentOrderId, firstName = 'Mei', familyName = 'Chan', change = {} }: Wish = {}) {
  serial += 1;
  const ref = agentOrderId ?? `e2e-${serial}-${randomUUID().slice(0, 8)}`;
  const day = new Date(Date.now() + LEAD_MS).toISOString().slice(0, 10);
  return {
    agent_order_id: ref,
    activity: {
      activity_id: '1001',
      activity_name: 'Harbour Lights Evening Cruise',
      package_id: '2001',
      package_name: 'Upper deck',
    },
    schedule: { start_time: `${day} 19:00:00`, timezone: 'Asia/Hong_Kong' },
    items: [{ sku_id: '3001', name: 'Adult', count: 1, price: '42.50' }],
    passengers: [{ first_name: firstName, family_name: familyName, type: 'adult', otherinfo: [] }],
    contact_info: {
      first_name: firstName,
      family_name: familyName,
      email: mailOf(ref),
      mobile: '+85251234567',
      country: 'HK',
    },
    amount: '46.75',
    currency: 'USD',
    markup: { type: 'percent', value: '10' },
    ...change,
  };
}

/** Each booking has a mailbox of its own, so that its letters can be counted. */
export const mailOf = (agentOrderId: string): string => `${agentOrderId}@travel.example`;

const MOST_TRIES = 40;

/** As a patient frontend: "not ready yet" is asked again until the first answer is there. */
export async function askAgain(request: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await request();
    if (answer.status !== 503 || tries === MOST_TRIES) return answer;
    await sleep(500);
  }
}

export async function book(visitor: Visitor, wish: Wish = {}): Promise<Intent> {
  const order = orderFor(wish);
  const answer = await askAgain(() => visitor.post(CREATE_INTENT, order));
  if (answer.status !== 201) throw new Error(`create-intent: ${answer.status} ${answer.text}`);
  return intentIn(answer);
}

export function intentIn({ body }: Answer): Intent {
  // Its fields are what the tests assert.
  return body['data'] as Intent;
}

/** The browser's part: it knows the publishable key and the client secret, nothing more. */
export function confirmCard({ stripe }: Stack, intent: Intent, number: string = CARDS.good): Promise<Answer> {
  const form = new URLSearchParams({
    key: intent.publishable_key,
    client_secret: intent.client_secret,
    return_url: 'https://shop.example/payment-success',
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': number,
    'payment_method_data[card][exp_month]': '12',
    'payment_method_data[card][exp_year]': String(new Date().getUTCFullYear() + 3),
    'payment_method_data[card][cvc]': '123',
  });
  return ask(`${stripe.url}/v1/payment_intents/${intent.payment_intent_id}/confirm`, { method: 'POST', body: form });
}

export async function pay(stack: Stack, intent: Intent): Promise<void> {
  const answer = await confirmCard(stack, intent);
  if (answer.status !== 200) throw new Error(`the card was not taken: ${answer.status} ${answer.text}`);
}

/** The bank's page in the customer's browser. */
export const answerChallenge = ({ stripe }: Stack, intent: Intent, outcome: 'pass' | 'fail'): Promise<Answer> =>
  ask(`${stripe.url}/3ds/${intent.payment_intent_id}`, { method: 'POST', body: new URLSearchParams({ outcome }) });
