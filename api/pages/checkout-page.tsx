/** @jsxImportSource hono/jsx */
// The checkout as a page: who buys, where it goes, how it is paid. The browser's own form and nothing else.
import type { Child } from 'hono/jsx';
import type { CartContents } from '../../domain/cart.ts';
import { snapshotOf, totalOf } from '../../domain/cart.ts';
import { seenOf } from '../../domain/cart-changes.ts';
import { COUNTRIES } from '../../domain/countries.ts';
import { money } from '../../domain/money.ts';
import type { CheckoutForm, PaymentGroup } from './checkout-form.ts';
import { countOf, NoticeBox, Totals } from './cart-page.tsx';
import { ShopPage } from './layout.tsx';
import { priceWords } from './words.ts';
import type { Notice } from './words.ts';

export interface CheckoutPageProps {
  readonly brand: string;
  readonly cart: CartContents;
  readonly form: CheckoutForm;
  readonly groups: readonly PaymentGroup[];
  readonly notice: Notice | undefined;
}

export const CheckoutPage = ({ brand, cart, form, groups, notice }: CheckoutPageProps) => (
  <ShopPage title="Checkout" brand={brand} cartCount={countOf(cart)}>
    <h1>Checkout</h1>
    {notice && <NoticeBox notice={notice} />}
    <form method="post" action="/checkout" class="columns">
      <input type="hidden" name="seen" value={JSON.stringify(seenOf(cart))} />
      <div>
        <section class="card">
          <h2>Who buys</h2>
          <div class="fields">
            <Field form={form} name="name" label="Name" autocomplete="name" wide />
            <Field form={form} name="email" label="Email" type="email" autocomplete="email" />
            <Field form={form} name="phone" label="Phone" type="tel" autocomplete="tel" placeholder="+60 12-345 6789" />
          </div>
        </section>
        <section class="card">
          <h2>Where it goes</h2>
          <div class="fields">
            <Field form={form} name="street1" label="Street and number" autocomplete="address-line1" wide />
            <Field form={form} name="zip_code" label="Postcode" autocomplete="postal-code" />
            <Field form={form} name="city" label="City" autocomplete="address-level2" />
            <Field form={form} name="state" label="State (if any)" autocomplete="address-level1" optional />
            <CountryField form={form} />
          </div>
        </section>
        {groups.length > 0 && <PaymentGroups groups={groups} chosen={form.values['payment_group'] ?? ''} />}
      </div>
      <aside class="card" aria-label="Your order">
        <h2>Your order</h2>
        <Goods contents={cart} />
        <Totals contents={cart} />
        <button class="main-button">Pay {priceWords(totalOf(cart))}</button>
        <p class="quiet">You pay on the next page, at CHIP.</p>
        <p>
          <a href="/cart">Back to the cart</a>
        </p>
      </aside>
    </form>
  </ShopPage>
);

const Goods = ({ contents }: { contents: CartContents }) => (
  <ul class="goods">
    {snapshotOf(contents).items.map(({ name, quantity, subtotal }) => (
      <li>
        <span>
          {quantity} × {name}
        </span>
        <span class="sum">{priceWords(money(subtotal, contents.currency))}</span>
      </li>
    ))}
  </ul>
);

interface FieldProps {
  readonly form: CheckoutForm;
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
  readonly type?: 'text' | 'email' | 'tel';
  readonly placeholder?: string;
  readonly wide?: boolean;
  readonly optional?: boolean;
}

const Field = ({ form, name, label, type = 'text', wide = false, optional = false, ...rest }: FieldProps) => (
  <Labelled form={form} name={name} label={label} wide={wide}>
    <input
      id={name}
      name={name}
      type={type}
      value={form.values[name] ?? ''}
      required={!optional}
      {...rest}
      {...faultMarks(form, name)}
    />
  </Labelled>
);

const faultMarks = ({ faults }: CheckoutForm, name: string) =>
  faults[name] === undefined ? {} : { 'aria-invalid': 'true' as const, 'aria-describedby': `${name}-fault` };

interface LabelledProps {
  readonly form: CheckoutForm;
  readonly name: string;
  readonly label: string;
  readonly wide: boolean;
  readonly children: Child;
}

const Labelled = ({ form: { faults }, name, label, wide, children }: LabelledProps) => (
  <div class={wide ? 'wide' : ''}>
    <label for={name}>{label}</label>
    {children}
    {faults[name] !== undefined && (
      <p class="wrong" id={`${name}-fault`}>
        {label} {faults[name]}
      </p>
    )}
  </div>
);

const HOME = 'MY';
const names = new Intl.DisplayNames(['en'], { type: 'region' });
const elsewhere = COUNTRIES.filter((code) => code !== HOME)
  .map((code) => ({ code, name: names.of(code) ?? code }))
  .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));

const CountryField = ({ form }: { form: CheckoutForm }) => {
  const chosen = form.values['country'] ?? HOME;
  return (
    <Labelled form={form} name="country" label="Country" wide={false}>
      <select id="country" name="country" autocomplete="country" required {...faultMarks(form, 'country')}>
        <option value={HOME} selected={chosen === HOME}>
          {names.of(HOME)}
        </option>
        <hr />
        {elsewhere.map(({ code, name }) => (
          <option value={code} selected={chosen === code}>
            {name}
          </option>
        ))}
      </select>
    </Labelled>
  );
};

const PaymentGroups = ({ groups, chosen }: { groups: readonly PaymentGroup[]; chosen: string }) => (
  <fieldset class="card choices">
    <legend class="unseen">How you pay</legend>
    <h2>How you pay</h2>
    {[{ id: '', name: 'Choose on the next page', examples: 'Every way there is' }, ...groups].map((group) => (
      <label>
        <input type="radio" name="payment_group" value={group.id} checked={group.id === chosen} />
        <span>
          {group.name}
          <br />
          <span class="quiet">{group.examples}</span>
        </span>
      </label>
    ))}
  </fieldset>
);
