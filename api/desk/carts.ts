// Carts as the storefronts may change them: what the catalogue knows is looked up first, what may be done is decided in domain/cart.ts.
import { changeCart, createCart } from '../../db/carts.ts';
import type { CartAt, CartChange, StoredCart } from '../../db/carts.ts';
import { findProduct, findVoucher, listProducts } from '../../db/catalogue.ts';
import { addItem, addVoucher, removeVoucher, setQuantity } from '../../domain/cart.ts';
import type { CartRefusal, CatalogueProduct } from '../../domain/cart.ts';
import type { Desk } from './desk.ts';
import { newCartId, newCartItemId } from './identifiers.ts';

export type CartRefusalReason = CartRefusal | 'unknown_product' | 'unknown_code' | 'code_expired';
export type CartOutcome = CartChange | { kind: 'refused'; reason: CartRefusalReason };

export const productsOf = ({ db }: Desk): Promise<readonly CatalogueProduct[]> => listProducts(db);

export const openCart = ({ db }: Desk, ownerSub: string | null): Promise<StoredCart> =>
  createCart(db, { id: newCartId(), ownerSub });

export async function putInCart(
  { db }: Desk,
  at: CartAt,
  { productId, quantity }: { readonly productId: string; readonly quantity: number },
): Promise<CartOutcome> {
  const product = await findProduct(db, productId);
  if (!product) return { kind: 'refused', reason: 'unknown_product' };
  return changeCart(db, at, (contents) => addItem(contents, { product, quantity, itemId: newCartItemId() }));
}

export const changeQuantity = (
  { db }: Desk,
  at: CartAt,
  { itemId, quantity }: { readonly itemId: string; readonly quantity: number },
): Promise<CartOutcome> => changeCart(db, at, (contents) => setQuantity(contents, itemId, quantity));

/** People type codes as they like. */
const codeIn = (text: string): string => text.trim().toUpperCase();

/** A voucher taken while it ran stays with the cart. */
export async function useCode({ db, clock }: Desk, at: CartAt, code: string): Promise<CartOutcome> {
  const voucher = await findVoucher(db, codeIn(code));
  if (!voucher) return { kind: 'refused', reason: 'unknown_code' };
  const { condition, validUntil } = voucher;
  if (validUntil !== null && validUntil <= clock()) return { kind: 'refused', reason: 'code_expired' };
  return changeCart(db, at, (contents) => addVoucher(contents, condition));
}

/** By the name as it stands, or by a code in any case. */
export const takeOffCondition = ({ db }: Desk, at: CartAt, name: string): Promise<CartOutcome> =>
  changeCart(db, at, (contents) => {
    const exact = contents.conditions.some((condition) => condition.name === name);
    return removeVoucher(contents, exact ? name : codeIn(name));
  });
