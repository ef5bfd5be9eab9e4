// Disputes over the API: read, list, answer with evidence, give in. What the bank does: dispute-life.ts.
import type { Call } from './call.ts';
import { close, isClosed } from './dispute-life.ts';
import { invalidRequest, missing } from './errors.ts';
import { announce } from './events.ts';
import { listOf } from './lists.ts';
import type { List } from './lists.ts';
import type { Dispute } from './objects.ts';
import { allowOnly, branch, clearable, flag, mergedMetadata, text } from './params.ts';
import type { World } from './state.ts';

const EVIDENCE = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_communication',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'customer_signature',
  'duplicate_charge_documentation',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'receipt',
  'refund_policy',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'service_documentation',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_documentation',
  'shipping_tracking_number',
  'uncategorized_file',
  'uncategorized_text',
];
const LONGEST_EVIDENCE = 150_000;

function disputeIn(world: World, call: Call): Dispute {
  const dispute = world.disputes.get(call.target);
  if (!dispute) throw missing('dispute', call.target, { param: 'dispute', status: 404 });
  return dispute;
}

export function retrieveDispute(world: World, call: Call): Dispute {
  allowOnly(call.params, []);
  return disputeIn(world, call);
}

export function listDisputes(world: World, call: Call): List<Dispute> {
  allowOnly(call.params, ['charge', 'payment_intent', 'created', 'limit', 'starting_after', 'ending_before']);
  const charge = text(call.params, 'charge');
  const intent = text(call.params, 'payment_intent');
  return listOf(call, {
    table: world.disputes,
    within: charge === undefined ? undefined : { index: world.disputesByCharge, key: charge },
    keep: (dispute) => intent === undefined || dispute.payment_intent === intent,
  });
}

export function updateDispute(world: World, call: Call): Dispute {
  const { params } = call;
  allowOnly(params, ['evidence', 'metadata', 'submit']);
  const before = disputeIn(world, call);
  const given = evidenceIn(call);
  const says = Object.keys(given).length > 0;
  const submit = flag(params, 'submit') ?? true;
  if (says && isClosed(before)) throw invalidRequest(`This dispute is already closed: its status is ${before.status}.`);
  const metadata = mergedMetadata(params, before.metadata);
  const evidence = { ...before.evidence, ...given };
  const answered = { ...before, metadata, evidence, ...(says && submit ? submitted(before) : {}) };
  const after = world.disputes.put(answered);
  announce(world, {
    type: 'charge.dispute.updated',
    object: after,
    cause: call,
    previous: { evidence: before.evidence, status: before.status },
  });
  if (says && submit) world.agenda.add('judge', after.id, world.settings.disputeMs);
  return after;
}

function submitted({ status, evidence_details }: Dispute): Pick<Dispute, 'status' | 'evidence_details'> {
  const { submission_count } = evidence_details;
  return {
    status: status.startsWith('warning_') ? 'warning_under_review' : 'under_review',
    evidence_details: { ...evidence_details, has_evidence: true, submission_count: submission_count + 1 },
  };
}

function evidenceIn({ params }: Call): Record<string, string | null> {
  const evidence = branch(params, 'evidence') ?? {};
  allowOnly(evidence, EVIDENCE);
  const given: Record<string, string | null> = {};
  let length = 0;
  for (const name of Object.keys(evidence)) {
    const value = clearable(evidence, name) ?? null;
    length += value?.length ?? 0;
    given[name] = value;
  }
  if (length <= LONGEST_EVIDENCE) return given;
  throw invalidRequest(`Evidence can have up to ${LONGEST_EVIDENCE} characters in all.`, { param: 'evidence' });
}

/** Accepts the loss for good. */
export function closeDispute(world: World, call: Call): Dispute {
  allowOnly(call.params, []);
  const dispute = disputeIn(world, call);
  if (isClosed(dispute)) {
    throw invalidRequest(`This dispute is already closed: its status is ${dispute.status}.`);
  }
  const inquiry = dispute.status.startsWith('warning_');
  return close(world, dispute, { status: inquiry ? 'warning_closed' : 'lost', cause: call });
}
