// Between the checkout's form and what the till takes.
import type { VisibleError } from '../errors.ts';
import type { MethodChoice } from './till.ts';

export interface PaymentGroup {
  readonly id: string;
  readonly name: string;
  readonly examples: string;
}

/** What was typed, and what is wrong with it, by field. */
export interface CheckoutForm {
  readonly values: Readonly<Record<string, string>>;
  readonly faults: Readonly<Record<string, string>>;
}

export const UNTOUCHED: CheckoutForm = { values: {}, faults: {} };

export const textsIn = (body: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

/** One for each field, under the name it has in the form. */
export const faultsIn = ({ fields = {} }: VisibleError): CheckoutForm['faults'] =>
  Object.fromEntries(
    Object.entries(fields).map(([path, messages]) => [path.split('.').at(-1) ?? path, messages[0] ?? 'is not right']),
  );

const GROUP_NAMES: Readonly<Record<string, string>> = {
  card: 'Card',
  fpx: 'Online banking (FPX)',
  ewallet: 'E-wallet',
  qr: 'DuitNow QR',
  bnpl: 'Pay later',
};

export function groupsOf(methods: readonly MethodChoice[]): readonly PaymentGroup[] {
  return [...new Set(methods.map(({ group }) => group))].map((id) => {
    const names = methods.filter(({ group }) => group === id).map(({ name }) => name);
    return { id, name: GROUP_NAMES[id] ?? `${id.charAt(0).toUpperCase()}${id.slice(1)}`, examples: names.join(', ') };
  });
}

export const methodsOf = (methods: readonly MethodChoice[], group: string): readonly string[] =>
  methods.filter((method) => method.group === group).map(({ id }) => id);
