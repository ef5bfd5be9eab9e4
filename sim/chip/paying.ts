// A payer's try on the hosted page: the method, the card or bank, and how it turns out.
import { asksBank, brandOf, faultOfCard, maskedPan } from './cards.ts';
import type { Card } from './cards.ts';
import { announce } from './events.ts';
import { PAYABLE, move, refuse, settle } from './life.ts';
import { banks, methodsFor } from './methods.ts';
import type { Method } from './methods.ts';
import type { Failure, Purchase } from './objects.ts';
import type { Settling } from './life.ts';
import type { Channel, World } from './state.ts';

export const OUTCOMES = ['paid', 'failed', 'pending', 'pending_failed', 'cancelled'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type Form = Record<string, string>;

export type Tried =
  | { kind: 'paid' | 'failed' | 'pending'; purchase: Purchase }
  /** The card's bank wants to know whether it is really the payer. */
  | { kind: 'asked' }
  /** Left for the shop: nothing about the purchase changes. */
  | { kind: 'left' }
  | { kind: 'unusable'; message: string };

export const isOpen = ({ status, purchase }: Purchase): boolean =>
  PAYABLE.has(status) && !(status === 'error' && purchase.single_attempt);

export function usableMethods({ purchase, skip_capture, payment_method_whitelist }: Purchase): Method[] {
  return methodsFor({ amount: purchase.total, hold: skip_capture, whitelist: payment_method_whitelist });
}

export function tryToPay(world: World, purchase: Purchase, form: Form): Tried {
  const outcome = outcomeIn(form);
  if (!outcome) return { kind: 'unusable', message: `outcome must be one of ${OUTCOMES.join(', ')}` };
  if (outcome === 'cancelled') return { kind: 'left' };
  const card = cardIn(form);
  const method = methodIn(purchase, form, card);
  if (!method) return { kind: 'unusable', message: 'This way to pay cannot be used here.' };
  const means = { method: method.id, extra: extraOf(method, form, card) };
  const failure = outcome === 'failed' ? failureOf(form['error']) : card && faultOfCard(card);
  if (failure) return { kind: 'failed', purchase: refuse(world, purchase, { ...means, error: failure }) };
  if (outcome !== 'paid') return { kind: 'pending', purchase: sendOff(world, purchase, { method, outcome }) };
  if (card && asksBank(card)) {
    if (!form['bank']) return { kind: 'asked' };
    const error = failureOf('3ds_authentication_failed');
    if (form['bank'] !== 'pass') return { kind: 'failed', purchase: refuse(world, purchase, { ...means, error }) };
  }
  const onItsWay = method.kind === 'card' ? purchase : executing(world, purchase);
  return { kind: 'paid', purchase: settle(world, onItsWay, means) };
}

function executing(world: World, purchase: Purchase): Purchase {
  const pending = move(world, purchase, { status: 'pending_execute' });
  announce(world, { type: 'purchase.pending_execute', object: pending });
  return pending;
}

/** Money on its way: a bank that takes its time. */
function sendOff(
  world: World,
  purchase: Purchase,
  { method, outcome }: { method: Method; outcome: Outcome },
): Purchase {
  const { id, purchase: details } = purchase;
  const ends = outcome === 'pending' ? 'well' : 'badly';
  world.errands.put({ id, kind: 'execute', amount: details.total, method: method.id, ends });
  world.agenda.add('execute', id, world.settings.executeMs);
  return executing(world, purchase);
}

/** With a card number and nothing else said, the card decides. */
function outcomeIn({ outcome = '', number = '' }: Form): Outcome | undefined {
  if (outcome === '') return number === '' ? undefined : 'paid';
  return OUTCOMES.find((word) => word === outcome);
}

/** `card` stands for whichever card it is; without a word it is the first there is. */
function methodIn(purchase: Purchase, { payment_method: wanted = '' }: Form, card?: Card): Method | undefined {
  const usable = usableMethods(purchase);
  if (card && (wanted === '' || wanted === 'card')) return usable.find(({ id }) => id === brandOf(card));
  if (wanted === 'card') return usable.find(({ kind }) => kind === 'card');
  return wanted === '' ? usable[0] : usable.find(({ id }) => id === wanted);
}

/** A card button without a number is the test page's short cut. */
function cardIn({ number = '', exp_month = '', exp_year = '', cvc = '' }: Form): Card | undefined {
  const digits = number.replaceAll(/[\s-]/g, '');
  return digits === '' ? undefined : { number: digits, month: Number(exp_month), year: Number(exp_year), cvc };
}

function failureOf(word = ''): Failure {
  const code = /^\w{1,64}$/.test(word) ? word : 'insufficient_funds';
  return { code, message: code.replaceAll('_', ' ') };
}

function extraOf({ kind, id }: Method, form: Form, card?: Card): Record<string, unknown> {
  if (kind === 'bank') {
    const code = form['fpx_bank_code'] ?? '';
    return banks.has(code) ? { bank_code: code, bank_name: banks.get(code) } : {};
  }
  if (kind !== 'card') return {};
  return { card_brand: id, card_issuer_country: 'MY', ...(card && { masked_pan: maskedPan(card) }) };
}

/** What a payer would have done, for programs that only want the news of it. */
export function payFor(
  world: World,
  purchase: Purchase,
  { paid, channels }: Required<Pick<Settling, 'paid' | 'channels'>>,
): Purchase {
  return settle(world, purchase, { method: usableMethods(purchase)[0]?.id ?? 'fpx', paid, channels });
}

export function failFor(world: World, purchase: Purchase, channels: readonly Channel[]): Purchase {
  const method = usableMethods(purchase)[0]?.id ?? 'fpx';
  return refuse(world, purchase, { method, error: failureOf(), channels });
}
