// On what terms a package can be cancelled, as Klook's catalogue tells: as steps, as a flag, or in words.
import { z } from 'zod';
import { NON_REFUNDABLE, percentAfter, stepsOf } from '../../domain/refund-policy.ts';
import type { RefundPolicy, RefundTier } from '../../domain/refund-policy.ts';
import { readTerms } from '../../domain/refund-terms.ts';
import type { SupplyTerms } from '../../domain/supply.ts';
import { readAs } from './klook-wire.ts';

const words = z.string().nullish().catch(null);
// Coerced, an empty or missing figure would be 0, and 0 means free.
const figure = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number)
  .or(z.number());
const tierWire = z.object({
  hours_before: figure.pipe(z.number().min(0).max(100_000)),
  fee_percent: figure.pipe(z.number().min(0).max(100)),
});
const packageWire = z.object({
  package_id: z.union([z.string(), z.int()]).transform(String),
  timezone: words,
  cancellation_type: words,
  cancellation_policy: words,
  cancellation_tiers: z.array(tierWire).nullish().catch([]),
});
type PackageWire = z.output<typeof packageWire>;

const list = z.array(z.unknown()).nullish();
const activityWire = z.object({ package_list: list, packages: list });
const answerWire = z
  .object({ activity: activityWire })
  .transform(({ activity }) => activity)
  .or(activityWire);

export function termsIn(answer: unknown, packageId: string): SupplyTerms | undefined {
  const { package_list, packages } = readAs(answerWire, answer);
  const found = [...(package_list ?? []), ...(packages ?? [])]
    .flatMap((entry) => packageWire.safeParse(entry).data ?? [])
    .find((entry) => entry.package_id === packageId);
  return found && termsOf(found);
}

function termsOf(pack: PackageWire): SupplyTerms {
  const { cancellation_policy: text, cancellation_type: type, timezone } = pack;
  const said = [text, type].flatMap((word) => (word?.trim() ? [word] : []));
  return { policy: policyOf(pack), words: said, timezone: timezone ?? null };
}

const FORBIDS = /^(?:no|non|not|un)[ _-]?(?:refund|cancel)/i;

/** What is not told, or not understood, cannot be promised to a customer. */
function policyOf({
  cancellation_tiers: tiers,
  cancellation_type: type,
  cancellation_policy: text,
}: PackageWire): RefundPolicy {
  if (FORBIDS.test(type?.trim() ?? '')) return NON_REFUNDABLE;
  const read = tiers ? stepsOf(tiers.map(tierOf)) : readTerms(text ?? '');
  return read ?? NON_REFUNDABLE;
}

const tierOf = ({ hours_before: hoursBefore, fee_percent: fee }: z.output<typeof tierWire>): RefundTier => ({
  hoursBefore,
  percent: percentAfter(fee),
});
