// The words that letters of every kind are made of.
import { formatMoney } from './display.ts';
import type { Letter, NoticeFacts } from './notices.ts';

export interface Wording {
  readonly subject: string;
  readonly preheader: string;
  readonly paragraphs: readonly (string | null)[];
  readonly action: Letter['action'];
}

export type Write = (facts: NoticeFacts) => Wording;

export const hasVouchers = ({ vouchers }: NoticeFacts): boolean => vouchers !== 'none';
export const hasRefund = ({ refund }: NoticeFacts): boolean => refund !== null && refund.minor > 0;
export const refundOf = ({ refund }: NoticeFacts): string => (refund ? formatMoney(refund) : 'your money');
export const activityOf = ({ activity }: NoticeFacts): string => activity ?? 'your booking';
/** What a customer calls what he bought. */
export const kindOf = ({ goods }: NoticeFacts): string => (goods ? 'order' : 'booking');
export const nameOf = ({ bookingNumber }: NoticeFacts): string => bookingNumber ?? 'unknown';
export const actionOf = (label: string, url: string | null): Letter['action'] => (url ? { label, url } : null);
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const clipped = (text: string): string => (text.length > 60 ? `${text.slice(0, 59).trimEnd()}…` : text);

/** Reasons come from many places: some end in a full stop, some do not. */
export const sentence = (text: string): string => (/[.!?。]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
