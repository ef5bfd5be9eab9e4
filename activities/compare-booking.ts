// One booking held against its own facts, its gateways and its supplier. What differs is read a second time before it counts.
import { setTimeout as sleep } from 'node:timers/promises';
import { readBooking } from '../db/books.ts';
import type { Booking } from '../domain/booking.ts';
import type { Finding } from '../domain/findings.ts';
import { nameOf } from '../domain/findings.ts';
import type { Patience } from '../domain/invariants.ts';
import { judgeBooking, judgeUnderWay } from '../domain/judge-booking.ts';
import type { BookingFacts } from '../domain/judge-booking.ts';
import { findingsOf } from '../domain/judging.ts';
import { judgePayment } from '../domain/judge-payment.ts';
import { judgeSupplierOrder, wasWrittenOff } from '../domain/judge-supply.ts';
import { isUnknownThere } from '../domain/payment.ts';
import { Rejected, Unreachable } from '../domain/unanswered.ts';
import type { Deps } from './deps.ts';

export interface ComparingDeps extends Pick<Deps, 'db' | 'gateways' | 'suppliers' | 'clock'> {
  readonly patience: Patience;
  /** Between two reads of what seemed to differ: longer than a fact needs to be written down. */
  readonly secondLookMs: number;
}

export interface Compared {
  readonly findings: readonly Finding[];
  /** Found before it moved again, they are as they were. */
  readonly underWay: readonly Finding[];
  readonly payments: number;
  readonly supplierOrders: number;
  /** Something of it could not be read, so that nothing is proven. */
  readonly isUnread: boolean;
}

const NOTHING: Compared = { findings: [], underWay: [], payments: 0, supplierOrders: 0, isUnread: false };

export async function compareBooking(deps: ComparingDeps, bookingId: string): Promise<Compared> {
  const first = await readAndJudge(deps, bookingId);
  if (first.findings.length === 0) return first;
  await sleep(deps.secondLookMs);
  const second = await readAndJudge(deps, bookingId);
  const before = new Set([...first.findings, ...first.underWay].map(nameOf));
  return {
    ...second,
    findings: second.findings.filter((finding) => before.has(nameOf(finding))),
    isUnread: first.isUnread || second.isUnread,
  };
}

async function readAndJudge(deps: ComparingDeps, bookingId: string): Promise<Compared> {
  const facts = await readBooking(deps.db, bookingId);
  if (!facts) return NOTHING;
  const parts = [await atGateways(deps, facts), await atSupplier(deps, facts)];
  const own = judged(deps, facts);
  return {
    findings: [...own.findings, ...parts.flatMap(({ findings }) => findings)],
    underWay: own.underWay,
    payments: parts[0]?.read ?? 0,
    supplierOrders: parts[1]?.read ?? 0,
    isUnread: parts.some(({ unread }) => unread > 0),
  };
}

/** Rows that cannot even be judged are news by themselves, and must not hide the bookings after them. */
function judged({ clock, patience }: ComparingDeps, facts: BookingFacts): Pick<Compared, 'findings' | 'underWay'> {
  const judging = { now: clock(), patience };
  try {
    return { findings: judgeBooking(facts, judging), underWay: judgeUnderWay(facts, judging) };
  } catch (error) {
    const unreadable = { subject: 'unreadable', evidence: whyOf(error) };
    return { findings: findingsOf(facts.booking, (report) => report('I-8', unreadable)), underWay: [] };
  }
}

/** Its words may be anybody's. */
const whyOf = (error: unknown) => ({ reason: error instanceof Error ? error.name : 'unknown' });

interface Part {
  readonly findings: readonly Finding[];
  readonly read: number;
  readonly unread: number;
}

async function atGateways({ gateways }: ComparingDeps, { booking }: BookingFacts): Promise<Part> {
  return inTurn(
    booking,
    booking.payments.filter(({ ref, gateway }) => ref !== null && !gateways[gateway].hasNoRecords),
    async (payment) => {
      const look = gateways[payment.gateway].look(payment.ref ?? '');
      const fact = await look.catch((error: unknown) => {
        if (isUnknownThere(error)) return { kind: 'absent' as const };
        throw error;
      });
      return judgePayment({ booking, payment, fact });
    },
  );
}

/** An order without a number of the supplier's was never heard of there, or is being looked for. */
async function atSupplier({ suppliers }: ComparingDeps, { booking, events }: BookingFacts): Promise<Part> {
  return inTurn(
    booking,
    booking.supplierOrders.filter(({ orderNo }) => orderNo !== null),
    async (order) => {
      const fact = await suppliers[order.supplier].look(order.orderNo ?? '');
      return judgeSupplierOrder({ booking, order, fact, isWrittenOff: wasWrittenOff(events, order) });
    },
  );
}

/** An answer that nobody can make sense of is news by itself, and must not hide the bookings after this one. */
async function inTurn<T extends { readonly id: string }>(
  booking: Booking,
  all: readonly T[],
  judge: (each: T) => Promise<readonly Finding[]>,
): Promise<Part> {
  const findings: Finding[] = [];
  let unread = 0;
  for (const each of all) {
    try {
      findings.push(...(await judge(each)));
    } catch (error) {
      unread += 1;
      if (!isUnanswered(error)) findings.push(...unreadable(booking, each.id, error));
    }
  }
  return { findings, read: all.length - unread, unread };
}

const unreadable = (booking: Booking, id: string, error: unknown): readonly Finding[] =>
  findingsOf(booking, (report) => report('I-28', { subject: `${id}/unreadable`, evidence: whyOf(error) }));

export const isUnanswered = (error: unknown): boolean => error instanceof Unreachable || error instanceof Rejected;
