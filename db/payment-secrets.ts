// What only the owner of a booking may have: the secret or the address with which its payment is made.
import { eq } from 'drizzle-orm';
import type { PaymentDoor } from '../domain/payment.ts';
import type { Queryable } from './client.ts';
import type { Keyring } from './keyring.ts';
import { payments } from './schema.ts';

export interface PaymentAccess {
  readonly clientSecret: string | null;
  readonly redirectUrl: string | null;
}

/** As the payment was opened with. */
export async function keepPaymentAccess(
  on: Queryable,
  keyring: Keyring,
  { bookingId, paymentId, door }: { bookingId: string; paymentId: string; door: PaymentDoor },
): Promise<void> {
  const access =
    door.kind === 'redirect'
      ? { redirectUrl: door.url }
      : { sealedSecret: await keyring.seal(bookingId, Buffer.from(door.clientSecret), 'client_secret') };
  await on.update(payments).set(access).where(eq(payments.id, paymentId));
}

export async function paymentAccessOf(on: Queryable, keyring: Keyring, paymentId: string): Promise<PaymentAccess> {
  const [row] = await on
    .select({ bookingId: payments.bookingId, sealed: payments.sealedSecret, redirectUrl: payments.redirectUrl })
    .from(payments)
    .where(eq(payments.id, paymentId));
  if (!row) return { clientSecret: null, redirectUrl: null };
  const secret = row.sealed && (await keyring.unseal(row.bookingId, row.sealed, 'client_secret'));
  return { clientSecret: secret?.toString() ?? null, redirectUrl: row.redirectUrl };
}
