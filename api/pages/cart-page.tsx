/** @jsxImportSource hono/jsx */
// The cart as a page: everything on it is a form, so it works in any browser.
import type { Child } from 'hono/jsx';
import { MAX_QUANTITY, snapshotOf } from '../../domain/cart.ts';
import type { CartContents, CatalogueProduct, SnapshotCondition, SnapshotItem } from '../../domain/cart.ts';
import { seenOf } from '../../domain/cart-changes.ts';
import type { SeenCart } from '../../domain/cart-changes.ts';
import { money } from '../../domain/money.ts';
import { ShopPage } from './layout.tsx';
import { priceWords } from './words.ts';
import type { Notice } from './words.ts';

export interface CartPageProps {
  readonly brand: string;
  readonly cart: CartContents & { readonly version: number };
  readonly products: readonly CatalogueProduct[];
  readonly notice: Notice | undefined;
}

export const CartPage = ({ brand, cart, products, notice }: CartPageProps) => {
  const { items } = snapshotOf(cart);
  const seen = seenOf(cart);
  return (
    <ShopPage title="Your cart" brand={brand} cartCount={countOf(cart)}>
      <h1 data-cart-version={cart.version}>Your cart</h1>
      {notice && <NoticeBox notice={notice} />}
      {items.length === 0 ? (
        <p class="card">Your cart is empty. Everything we sell is below.</p>
      ) : (
        <div class="columns">
          <section class="card" aria-labelledby="lines">
            <h2 id="lines">What is in it</h2>
            <ul class="lines">
              {items.map((item) => (
                <Line item={item} seen={seen} currency={cart.currency} />
              ))}
            </ul>
          </section>
          <aside aria-label="Summary">
            <section class="card">
              <h2>Summary</h2>
              <Totals contents={cart} />
              <Vouchers seen={seen} />
            </section>
            <p>
              <a class="button main-button" href="/checkout">
                Go to checkout
              </a>
            </p>
          </aside>
        </div>
      )}
      <section class="shelf" aria-labelledby="shelf">
        <h2 id="shelf">{items.length === 0 ? 'In the shop' : 'More from the shop'}</h2>
        <ul class="products">
          {products.map((product) => (
            <Product product={product} seen={seen} />
          ))}
        </ul>
      </section>
    </ShopPage>
  );
};

export const countOf = ({ items }: CartContents): number => items.reduce((sum, { quantity }) => sum + quantity, 0);

export const NoticeBox = ({ notice: { tone, title, lines } }: { notice: Notice }) => (
  <section class={`note ${tone}`} aria-labelledby="note" data-announce>
    <h2 id="note">{title}</h2>
    {lines.length === 1 && <p>{lines[0]}</p>}
    {lines.length > 1 && (
      <ul>
        {lines.map((line) => (
          <li>{line}</li>
        ))}
      </ul>
    )}
  </section>
);

interface CartFormProps {
  readonly kind: string;
  readonly seen: SeenCart;
  readonly children: Child;
}

/** Says what the customer had before him, so that a change elsewhere is noticed. No field is called `action`: that would hide the form's. */
const CartForm = ({ kind, seen, children }: CartFormProps) => (
  <form method="post" action="/cart">
    <input type="hidden" name="kind" value={kind} />
    <input type="hidden" name="seen" value={JSON.stringify(seen)} />
    {children}
  </form>
);

const Line = ({ item, seen, currency }: { item: SnapshotItem; seen: SeenCart; currency: string }) => {
  const { product_id, name, quantity, price, subtotal } = item;
  const field = `quantity-${product_id}`;
  return (
    <li>
      <div>
        <h3>{name}</h3>
        <p class="quiet">{priceWords(money(price, currency))} each</p>
        <CartForm kind="remove" seen={seen}>
          <button class="link-button" id={`remove-${product_id}`} name="product_id" value={product_id}>
            Remove<span class="unseen"> {name}</span>
          </button>
        </CartForm>
      </div>
      <CartForm kind="set" seen={seen}>
        <input type="hidden" name="product_id" value={product_id} />
        <span class="amount">
          <button class="without-script" name="step" value="0">
            Update<span class="unseen"> {name}</span>
          </button>
          <span class="stepper">
            <button id={`less-${product_id}`} name="step" value="-1" aria-label={`One less of ${name}`}>
              −
            </button>
            <label class="unseen" for={field}>
              How many of {name}
            </label>
            <input
              id={field}
              name="quantity"
              type="number"
              inputmode="numeric"
              min="0"
              max={String(MAX_QUANTITY)}
              value={String(quantity)}
              autocomplete="off"
              required
            />
            <button id={`more-${product_id}`} name="step" value="1" aria-label={`One more of ${name}`}>
              +
            </button>
          </span>
        </span>
      </CartForm>
      <p class="sum">{priceWords(money(subtotal, currency))}</p>
    </li>
  );
};

export const Totals = ({ contents }: { contents: CartContents }) => {
  const { conditions, totals } = snapshotOf(contents);
  const words = (minor: number) => priceWords(money(minor, contents.currency));
  return (
    <dl class="totals">
      <div>
        <dt>Subtotal</dt>
        <dd>{words(totals.subtotal)}</dd>
      </div>
      {conditions.map((condition) => (
        <div>
          <dt>{conditionWords(condition)}</dt>
          <dd>{words(condition.amount)}</dd>
        </div>
      ))}
      <div class="grand">
        <dt>Total</dt>
        <dd>{words(totals.total)}</dd>
      </div>
    </dl>
  );
};

function conditionWords({ name, type, value }: SnapshotCondition): string {
  const percent = value.endsWith('%') ? ` (${value.slice(1)})` : '';
  return type === 'voucher' ? `Voucher ${name}${percent}` : `${name}${percent}`;
}

const Vouchers = ({ seen }: { seen: SeenCart }) => (
  <>
    {seen.codes.map((code) => (
      <CartForm kind="uncode" seen={seen}>
        <button class="link-button" name="code" value={code}>
          Remove voucher {code}
        </button>
      </CartForm>
    ))}
    <CartForm kind="code" seen={seen}>
      <label for="code">Voucher code</label>
      <span class="voucher">
        <input id="code" name="code" maxlength={32} autocomplete="off" autocapitalize="characters" required />
        <button id="use-code">Apply</button>
      </span>
    </CartForm>
    <p class="quiet">Tax is worked out after vouchers.</p>
  </>
);

const Product = ({ product: { id, name, price }, seen }: { product: CatalogueProduct; seen: SeenCart }) => (
  <li>
    <h3>{name}</h3>
    <p class="quiet">{priceWords(price)}</p>
    <CartForm kind="add" seen={seen}>
      <button id={`add-${id}`} name="product_id" value={id}>
        Add to cart<span class="unseen">: {name}</span>
      </button>
    </CartForm>
  </li>
);
