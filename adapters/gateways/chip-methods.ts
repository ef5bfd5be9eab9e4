// The ways to pay that CHIP offers a brand, as a customer may choose among them.
import { z } from 'zod';
import type { Money } from '../../domain/money.ts';
import type { MethodGroup, MethodOffered } from '../../domain/payment.ts';
import { answerOf, readAs } from './chip-http.ts';
import type { ChipCall } from './chip-http.ts';

const texts = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((record) => record ?? {});
const catalogueWire = z.object({
  available_payment_methods: z.array(z.string()),
  names: texts,
  logos: texts,
  card_methods: z
    .array(z.string())
    .nullish()
    .transform((cards) => cards ?? []),
});

export interface Offer {
  readonly brandId: string;
  readonly apiBase: string;
  readonly currency: string;
  readonly amount?: Money | undefined;
}

export async function methodsOffered(
  call: ChipCall,
  { brandId, apiBase, currency, amount }: Offer,
): Promise<readonly MethodOffered[]> {
  const asked = new URLSearchParams({ brand_id: brandId, currency, ...(amount && { amount: String(amount.minor) }) });
  const catalogue = readAs(catalogueWire, answerOf(await call('GET', `/payment_methods/?${asked.toString()}`)));
  return catalogue.available_payment_methods.map((id) => {
    const group = catalogue.card_methods.includes(id) ? 'card' : groupOf(id);
    const name = catalogue.names[id];
    return {
      id: nameHere(id),
      name: typeof name === 'string' && name !== '' ? name : id,
      description: DESCRIPTIONS[group],
      icon: addressOf(catalogue.logos[id], apiBase),
      group,
    };
  });
}

/** Our storefronts tell the banking of people from that of companies; CHIP has a name for the latter only. */
const FPX = { here: 'fpx_b2c', atChip: 'fpx' } as const;
const nameHere = (method: string): string => (method === FPX.atChip ? FPX.here : method);
export const nameAtChip = (method: string): string => (method === FPX.here ? FPX.atChip : method);

const GROUPS = new Map<string, MethodGroup>([
  ['visa', 'card'],
  ['mastercard', 'card'],
  ['maestro', 'card'],
  ['duitnow_qr', 'qr'],
  ['dnqr', 'qr'],
  ['razer_maybankqr', 'qr'],
  ['razer_atome', 'bnpl'],
  ['crypto_coin', 'crypto'],
]);

function groupOf(id: string): MethodGroup {
  if (id.startsWith('fpx')) return 'fpx';
  return GROUPS.get(id) ?? (/^(razer|shopee|mpgs)_/.test(id) ? 'ewallet' : 'other');
}

const DESCRIPTIONS: Readonly<Record<MethodGroup, string>> = {
  card: 'Credit or debit card',
  fpx: "Straight from your bank account, on your bank's own page",
  qr: 'Scan a code with your banking app or wallet',
  ewallet: 'From the balance or card in your wallet',
  bnpl: 'Pay in instalments',
  crypto: 'From your crypto wallet',
  other: 'On the payment page',
};

/** A picture may be named by its path only. */
function addressOf(logo: unknown, apiBase: string): string | null {
  return typeof logo === 'string' && logo !== '' && URL.canParse(logo, apiBase) ? new URL(logo, apiBase).href : null;
}
