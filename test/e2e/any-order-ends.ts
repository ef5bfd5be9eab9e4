// How a booking stands once its gateway has nothing more to say: all that must not depend on how it was told.
import { workflowIdOf } from '../../domain/ids.ts';
import type { Life } from './any-order-lives.ts';
import { ledgerOf } from './outcome.ts';
import type { Stack } from './stack.ts';
import type { TemporalView } from './temporal.ts';

export interface End {
  readonly booking: Readonly<Record<string, unknown>>;
  readonly payments: readonly string[];
  readonly refunds: Readonly<Record<string, number>>;
  readonly disputes: readonly string[];
  readonly supplierOrders: readonly string[];
  readonly orders: readonly string[];
  readonly captures: number;
  readonly ledger: Readonly<Record<string, number>>;
}

const BOOKING = `select b.id, b.phase, b.status, b.captured_minor::int as captured, b.refunded_minor::int as refunded,
    b.reserved_minor::int as reserved, b.disputed_minor::int as disputed, b.over_returned_minor::int as over, b.fees_minor::int as fees
  from bookings b join payments p on p.booking_id = b.id where p.ref = any($1)`;

export async function endOf(stack: Stack, { refs }: Life): Promise<End> {
  const [row] = await stack.rows<{ id: string }>(BOOKING, [refs]);
  if (!row) throw new Error(`no booking is paid by ${refs.join()}`);
  const { id, ...booking } = row;
  const lines = async (statement: string): Promise<string[]> =>
    (await stack.rows<{ line: string }>(statement, [id])).map(({ line }) => line);
  const refunds = await stack.rows<{ as: string; minor: number }>(
    `select cause || ' ' || status as "as", sum(amount_minor)::int as minor from refunds where booking_id = $1 group by 1 order by 1`,
    [id],
  );
  const [captures] = await stack.rows<{ n: number }>(
    `select count(*)::int as n from booking_events where booking_id = $1 and type = 'payment.captured'`,
    [id],
  );
  const ledger = Object.entries(resultOf(await ledgerOf(stack, id))).toSorted(([a], [b]) => a.localeCompare(b));
  return {
    booking,
    payments: await lines(
      `select status || ' ' || captured_minor as line from payments where booking_id = $1 order by attempt`,
    ),
    // A gateway's own refunds are seen as sums: two that are heard of together are one.
    refunds: Object.fromEntries(refunds.map(({ as, minor }) => [as, minor])),
    disputes: await lines(
      `select standing || ' ' || amount_minor as line from disputes where booking_id = $1 order by 1`,
    ),
    supplierOrders: await lines(
      `select status || ' ' || paid_minor || ' ' || returned_minor as line from supplier_orders where booking_id = $1 order by generation`,
    ),
    orders: await lines(`select status || ' ' || total_minor as line from orders where booking_id = $1`),
    captures: captures?.n ?? 0,
    ledger: Object.fromEntries(ledger),
  };
}

/**
 * What a bank took before the trip was confirmed was never earned, what it took afterwards is a loss: the result is the same,
 * and when we hear of it decides on which account it stands.
 */
function resultOf({ revenue = 0, dispute_losses: lost = 0, ...rest }: Record<string, number>): Record<string, number> {
  return { ...rest, result: revenue + lost };
}

export async function bookingOf(stack: Stack, { refs }: Life): Promise<string> {
  const [row] = await stack.rows<{ id: string }>('select booking_id as id from payments where ref = any($1)', [refs]);
  return row?.id ?? '';
}

/**
 * No task of its workflow and no activity is under way, save those that were told "not yet"; of these one counts: while the
 * supplier is waited for, the story hears nothing else.
 */
export async function isIdle({ workflow }: TemporalView, bookingId: string): Promise<boolean> {
  const { raw } = await workflow.getHandle(workflowIdOf(bookingId)).describe();
  if (raw.pendingWorkflowTask) return false;
  return (raw.pendingActivities ?? []).every(
    ({ lastFailure, activityType }) => lastFailure && activityType?.name !== 'awaitOrder',
  );
}

/** Everything that was told of it is worked off. */
export async function isHeard(stack: Stack, { refs }: Life): Promise<boolean> {
  const rows = await stack.rows<{ state: string }>(
    `select i.state from inbox i where i.state not in ('handled', 'ignored')
       and (i.payment_ref = any($1) or i.booking_id in (select booking_id from payments where ref = any($1)))`,
    [refs],
  );
  return rows.length === 0;
}
