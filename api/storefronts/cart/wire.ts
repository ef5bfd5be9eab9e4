// The bodies of the shop: what is sold, and a cart as its holder reads it.
import { z } from '@hono/zod-openapi';
import { MAX_QUANTITY, snapshotOf } from '../../../domain/cart.ts';
import type { CartSnapshot, CatalogueProduct } from '../../../domain/cart.ts';
import { INTENT_STATUSES } from '../../../domain/intent.ts';
import type { StoredCart } from '../../bookings.ts';
import { cartArea } from './area.ts';

const Sen = z.int().openapi({ description: 'Sen: 100 are one ringgit' });

const ProductWire = z.object({ id: z.string(), name: z.string(), price: Sen, currency: z.string() });
export const Products = z.object({ products: z.array(ProductWire) });

export const productWire = ({ id, name, price }: CatalogueProduct): z.output<typeof ProductWire> => ({
  id,
  name,
  price: price.minor,
  currency: price.currency,
});

const ItemWire = z.object({
  id: z.string(),
  product_id: z.string(),
  name: z.string(),
  quantity: z.int(),
  price: Sen.openapi({ description: 'Of one, in sen, as it was when the product was last put in' }),
  subtotal: Sen,
});

const ConditionWire = z.object({
  name: z.string().openapi({ description: 'Of a voucher its code' }),
  type: z.enum(['voucher', 'shipping', 'tax', 'fee']),
  value: z.string().openapi({ description: '`-10%`, `+5%`, `-1500`, `+1000`' }),
  amount: Sen.openapi({ description: 'What it makes of this cart’s price, in sen; vouchers are below zero' }),
});

const TotalsWire = z.object({ subtotal: Sen, total: Sen, savings: Sen });

const CustomerData = z.object({
  reference: z.string(),
  email: z.string(),
  name: z.string(),
  phone: z.string(),
  street1: z.string(),
  city: z.string(),
  zip_code: z.string(),
  state: z.string().optional(),
  country: z.string(),
  payment_method_whitelist: z.array(z.string()),
});

const IntentWire = z
  .object({
    purchase_id: z.string(),
    amount: Sen,
    cart_version: z.int().openapi({ description: 'Of the cart once this was written on it' }),
    cart_snapshot: z.object({
      items: z.array(ItemWire),
      conditions: z.array(ConditionWire),
      totals: TotalsWire,
    }),
    customer_data: CustomerData.nullable().openapi({
      description:
        'In full for the holder, the owner and the back office, else in outline; null once the person was erased',
    }),
    created_at: z.string(),
    status: z.enum(INTENT_STATUSES),
    checkout_url: z.string().nullable().openapi({ description: 'Null once the person was erased' }),
    reference: z.string(),
  })
  .openapi('CartPaymentIntent');
export type IntentWire = z.output<typeof IntentWire>;

export const CartWire = z
  .object({
    id: z.string(),
    version: z.int().openapi({ description: 'Also the `ETag`; every change wants it back in `If-Match`' }),
    currency: z.string(),
    items: z.array(ItemWire),
    conditions: z.array(ConditionWire).openapi({
      description:
        'In the order in which they count: vouchers come off the goods, percentages first; shipping, tax and fees add',
    }),
    totals: TotalsWire,
    metadata: z.looseObject({ payment_intent: IntentWire.optional() }),
  })
  .openapi('Cart');

export type CartWire = z.output<typeof CartWire>;

export function cartWire(cart: StoredCart, metadata: CartWire['metadata'] = {}): CartWire {
  const { id, version, currency } = cart;
  return { id, version, currency, ...snapshotWire(snapshotOf(cart)), metadata };
}

export const snapshotWire = ({ items, conditions, totals }: CartSnapshot): IntentWire['cart_snapshot'] => ({
  items: [...items],
  conditions: [...conditions],
  totals,
});

/** As the error of a lost race carries it. */
export const StaleCart = z.intersection(cartArea.schema, z.object({ cart: CartWire.optional() }));

const Quantity = z.int().max(MAX_QUANTITY);

export const NewItem = z
  .object({ product_id: z.string().min(1).max(64), quantity: Quantity.min(1) })
  .openapi('CartNewItem');

export const ItemChange = z
  .object({ quantity: Quantity.min(0).openapi({ description: '0 takes it out' }) })
  .openapi('CartItemChange');

export const NewCondition = z.object({ code: z.string().trim().min(1).max(32) }).openapi('CartNewCondition');

export const CartId = z.object({ id: z.string() });
export const CartItemId = z.object({ id: z.string(), itemId: z.string() });
export const ConditionName = z.object({ id: z.string(), name: z.string() });

const heldBy = {
  'X-Cart-Id': z.string().optional().openapi({
    description: 'The id again, to hold a cart that a signed-in customer opened',
    example: '$CART_ID',
  }),
};

export const Holding = z.object(heldBy);
export const HoldingQuery = z.object({
  cart_id: z.string().optional().openapi({ description: 'Instead of `X-Cart-Id`' }),
});

/** Checked by hand: without it the answer is 428, and what it says may be about an older cart. */
export const Changing = z.object({
  ...heldBy,
  'If-Match': z
    .string()
    .optional()
    .openapi({
      param: { required: true },
      description: 'The `ETag` of the cart that the change is meant for: its version in quotes',
      example: '"$VERSION"',
    }),
});
