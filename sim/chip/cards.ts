// Test cards: two numbers are good, the second after the bank's question; the rest is refused.
import type { Failure } from './objects.ts';

export type Card = { number: string; month: number; year: number; cvc: string };

const ASKS_BANK = '5555555555554444';
const GOOD = new Set(['4444333322221111', ASKS_BANK]);
const CVC = '123';

export const asksBank = ({ number }: Card): boolean => number === ASKS_BANK;

export const brandOf = ({ number }: Card): string => (number.startsWith('5') ? 'mastercard' : 'visa');

export const maskedPan = ({ number }: Card): string => `${number.slice(0, 6)}******${number.slice(-4)}`;

export function faultOfCard(card: Card): Failure | undefined {
  if (!GOOD.has(card.number)) return { code: 'invalid_card_number', message: 'This is not one of the test cards' };
  if (isExpired(card)) return { code: 'expired_card', message: 'The card has expired' };
  if (card.cvc !== CVC) return { code: 'validation_cvc_invalid', message: 'The security code is wrong' };
  return undefined;
}

/** Good until the end of the month on it; two digits of a year are of this century. */
function isExpired({ month, year }: Card): boolean {
  const now = new Date();
  const thisMonth = now.getUTCFullYear() * 12 + now.getUTCMonth() + 1;
  const full = year < 100 ? 2_000 + year : year;
  return !(month >= 1 && month <= 12 && full * 12 + month >= thisMonth);
}
