// Every letter, from its words to its footer.
import { formatLocal, formatMoney, formatUtc } from './display.ts';
import { hasRefund, refundOf } from './letter-words.ts';
import type { Write } from './letter-words.ts';
import { TO_CUSTOMERS } from './letters-to-customers.ts';
import { TO_STAFF } from './letters-to-staff.ts';
import { audienceOf } from './notices.ts';
import type { Letter, NoticeFacts, NoticeKind } from './notices.ts';

const WRITE: Readonly<Record<NoticeKind, Write>> = { ...TO_CUSTOMERS, ...TO_STAFF };

export function letterFor(kind: NoticeKind, facts: NoticeFacts): Letter {
  const { paragraphs, ...wording } = WRITE[kind](facts);
  const forCustomer = audienceOf(kind) === 'customer';
  return {
    ...wording,
    brand: facts.brand.name,
    greeting: forCustomer ? (facts.name ? `Hello ${facts.name},` : 'Hello,') : null,
    paragraphs: paragraphs.filter((text) => text !== null),
    facts: factsOf(facts),
    footer: forCustomer ? customerFooter(facts) : [`${facts.brand.name}, message to staff`],
  };
}

function factsOf(facts: NoticeFacts): Letter['facts'] {
  const rows: readonly Row[] = [
    ['Booking', facts.bookingNumber],
    ...bookedOf(facts),
    ['Who', facts.travellers.join(', ') || null],
    ['Amount', facts.amount && formatMoney(facts.amount)],
    ['Disputed', facts.dispute && formatMoney(facts.dispute.amount)],
    ['Reason of the bank', facts.dispute && facts.dispute.reason.replaceAll('_', ' ')],
    ['Answer before', facts.dispute?.evidenceDueBy ? formatUtc(facts.dispute.evidenceDueBy) : null],
    ['Refund', hasRefund(facts) ? refundOf(facts) : null],
  ];
  return rows.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

type Row = readonly [string, string | null];

function bookedOf({ activity, when, details }: NoticeFacts): readonly Row[] {
  if (details.length > 0) return details.map(({ label, value }) => [label, value]);
  return [
    ['What', activity],
    ['When', when && formatLocal(when)],
  ];
}

function customerFooter({ brand }: NoticeFacts): readonly string[] {
  const contacts = [brand.supportEmail, brand.supportPhone, brand.supportUrl].filter((contact) => contact !== null);
  return [`Questions? Answer this mail or reach us here: ${contacts.join(' · ')}`, brand.merchant];
}
