// How amounts and moments are written wherever a person reads them: documents, mails, pages.
import { formatMajor } from './money.ts';
import type { Money } from './money.ts';

/** A moment as people on the spot read it: never converted, always named with its zone. */
export interface LocalMoment {
  /** YYYY-MM-DD HH:MM:SS or YYYY-MM-DD, on the clock of `zone`. */
  readonly local: string;
  /** IANA name, e.g. Asia/Hong_Kong. */
  readonly zone: string;
}

/** "HKD 1,234.50": the currency is spelled out because a bare $ names a dozen of them. */
export function formatMoney(amount: Money): string {
  const [whole = '', fraction] = formatMajor({ ...amount, minor: Math.abs(amount.minor) }).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const unsigned = `${amount.currency} ${fraction === undefined ? grouped : `${grouped}.${fraction}`}`;
  return amount.minor < 0 ? `\u2212${unsigned}` : unsigned;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::\d{2})?)?$/;

/** "Tuesday 3 March 2026, 09:30 (Asia/Hong_Kong)"; text that is no date is shown as it came. */
export function formatLocal({ local, zone }: LocalMoment): string {
  const [, day = '', time] = LOCAL.exec(local) ?? [];
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return `${local} (${zone})`;
  const named = `${DAYS[date.getUTCDay()]} ${dayOf(date)}`;
  return time ? `${named}, ${time} (${zone})` : `${named} (${zone})`;
}

/** "3 March 2026, 09:30 UTC" of an ISO 8601 instant. */
export function formatUtc(iso: string): string {
  const date = new Date(iso);
  return `${dayOf(date)}, ${date.toISOString().slice(11, 16)} UTC`;
}

export function formatUtcDay(iso: string): string {
  return dayOf(new Date(iso));
}

const dayOf = (date: Date): string => `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
