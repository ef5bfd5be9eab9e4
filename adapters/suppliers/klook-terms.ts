// On what terms a package can be cancelled, as Klook's catalogue tells: as steps, as a flag, or in words.
import { z } from 'zod';
import { NON_REFUNDABLE } from '../../domain/refund-policy.ts';
import type { RefundPolicy } from '../../domain/refund-policy.ts';
import { readTerms } from '../../domain/refund-terms.ts';
import type { SupplyTerms } from '../../domain/supply.ts';
import { readAs } from './klook-wire.ts';

const words = z.string().nullish().catch(null);
const tierWire = z.object({
  hours_before: z.coerce.number().min(0).max(100_000),
  fee_percent: z.coerce.number().min(0).max(100),
});
const packageWire = z.object({
  package_id: z.union([z.string(), z.int()]).transform(String),
  timezone: words,
  cancellation_type: words,
  cancellation_policy: words,
  cancellation_tiers: z.array(tierWire).nullish().catch(null),
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

/** What is not told, or not understood, cannot be promised to a customer. */
function policyOf({
  cancellation_tiers: tiers,
  cancellation_type: type,
  cancellation_policy: text,
}: PackageWire): RefundPolicy {
  if (tiers)
    return tiers.map(({ hours_before: hoursBefore, fee_percent: fee }) => ({
      hoursBefore,
      percent: String(Number((100 - fee).toFixed(4))),
    }));
  if (/^(non|no|not)[ _-]?refund/i.test(type ?? '')) return NON_REFUNDABLE;
  return readTerms(text ?? '') ?? NON_REFUNDABLE;
}
