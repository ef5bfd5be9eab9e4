// The inspection page of the CHIP stand-in.
import { html } from 'hono/html';
import { clock, faultsSection, firstOf, layout, section } from '../layout.ts';
import type { Markup } from '../layout.ts';
import type { World } from './state.ts';

const SHOWN = 50;

export function inspection(world: World): Markup {
  const webhooks = world.webhooks
    .values()
    .map(({ id, callback, all_events, events }) => [
      html`<code>${id}</code>`,
      callback,
      all_events ? 'all' : events.join(', '),
    ]);
  return layout(
    'CHIP stand-in',
    html`<h1>CHIP stand-in</h1>
      <p class="note">
        Not CHIP. Newest ${SHOWN} of each kind; everything as JSON: <a href="/_sim/state">/_sim/state</a>
      </p>
      ${section('Webhooks', ['id', 'address', 'events'], webhooks)} ${purchasesSection(world)} ${paymentsSection(world)}
      ${deliveriesSection(world)} ${section('Settings', ['name', 'value'], Object.entries(world.settings))}
      ${faultsSection(world.faults.list())}`,
  );
}

function purchasesSection(world: World): Markup {
  return section(
    `Purchases (${world.purchases.size})`,
    ['page', 'reference', 'total', 'status', 'method', 'may be refunded', 'tries'],
    firstOf(world.purchases.newest(), SHOWN).map((purchase) => [
      html`<a href="/p/${purchase.id}/">${purchase.id}</a>`,
      purchase.reference,
      `${purchase.purchase.currency} ${purchase.purchase.total}`,
      purchase.status,
      purchase.transaction_data.payment_method,
      purchase.refundable_amount,
      purchase.transaction_data.attempts.length,
    ]),
  );
}

function paymentsSection(world: World): Markup {
  return section(
    `Refunds and chargebacks (${world.payments.size})`,
    ['id', 'kind', 'amount', 'purchase'],
    firstOf(world.payments.newest(), SHOWN).map(({ id, payment, related_to }) => [
      html`<code>${id}</code>`,
      payment.payment_type,
      `${payment.currency} ${payment.amount}`,
      html`<code>${related_to.id}</code>`,
    ]),
  );
}

function deliveriesSection(world: World): Markup {
  return section(
    `Deliveries (${world.deliveries.size})`,
    ['type', 'channel', 'about', 'status', 'tries', 'last answer', 'next try (UTC)'],
    firstOf(world.deliveries.newest(), SHOWN).map((delivery) => [
      delivery.type,
      delivery.channel,
      html`<code>${delivery.source}</code>`,
      delivery.status,
      delivery.tries,
      delivery.lastStatus ?? delivery.lastError,
      delivery.status === 'pending' && delivery.nextAt !== null ? clock(delivery.nextAt) : '',
    ]),
  );
}
