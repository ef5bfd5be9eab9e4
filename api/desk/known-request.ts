// Whether a request was taken in before: by its key, its reference, its supplier order or its very body.
import { findByExternalId, findByScope } from '../../db/intake.ts';
import type { KnownRequest } from '../../db/intake.ts';
import type { Phase } from '../../domain/booking.ts';
import { VisibleError } from '../errors.ts';
import { canonicalJson, hashOf } from '../http/canonical.ts';
import { notAdoptable } from './adoption.ts';
import type { Desk } from './desk.ts';
import type { Identity, OpenRequest } from './open-request.ts';

export type Known = Pick<KnownRequest, 'bookingId' | 'sealedAnswer'>;

/** The body counts as an identity only for whom it was sent by. */
export function scopeOf({ wire, storefront, identity, ownerSub, bodyHash }: OpenRequest): string {
  switch (identity.kind) {
    case 'external':
      return scopeOfClaim([wire, storefront, 'external', identity.id]);
    case 'supplier_order':
      return scopeOfClaim([wire, storefront, 'order', identity.orderNo]);
    case 'body':
      return scopeOfClaim([wire, storefront, 'body', ownerSub, bodyHash]);
  }
}

const scopeOfClaim = (parts: readonly string[]): string => hashOf(canonicalJson(['identity', ...parts]));

export const supplierOrderScope = (orderNo: string): string => scopeOfClaim(['supplier', 'klook', orderNo]);

export async function findKnown(
  desk: Desk,
  request: OpenRequest,
  scope: string,
): Promise<{ known?: Known; replaces?: string }> {
  const { heldKey, identity, storefront } = request;
  const byScope = await findByScope(desk.db, scope);
  if (heldKey?.bookingId) {
    const sealedAnswer = byScope?.bookingId === heldKey.bookingId ? byScope.sealedAnswer : null;
    return { known: { bookingId: heldKey.bookingId, sealedAnswer } };
  }
  if (byScope && identity.kind === 'body' && !isPayable(byScope.phase)) return { replaces: byScope.bookingId };
  const found =
    byScope ?? (identity.kind === 'external' ? await findByExternalId(desk.db, storefront, identity.id) : undefined);
  if (!found) return {};
  if (found.ownerSub !== request.ownerSub || found.bodyHash !== request.bodyHash) throw otherRequest(identity);
  return { known: found };
}

const isPayable = (phase: Phase): boolean => phase === 'awaiting_payment' || phase === 'processing';

/** One text for every reason, so that nobody learns whose it is. */
export function otherRequest({ kind }: Identity): VisibleError {
  if (kind === 'supplier_order') return notAdoptable();
  return new VisibleError('conflict', 'This reference belongs to another request already.', {
    code: 'reference_in_use',
  });
}
