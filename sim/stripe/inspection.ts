// The inspection page of the Stripe stand-in.
import { html } from 'hono/html';
import { clock, faultsSection, firstOf, layout, section } from '../layout.ts';
import type { Markup } from '../layout.ts';
import { inWords } from './currencies.ts';
import type { Intent } from './objects.ts';
import type { World } from './state.ts';

const SHOWN = 50;

export function inspection(world: World): Markup {
  const endpoints = world.endpoints.values().map((endpoint) => [endpoint.id, endpoint.url]);
  return layout(
    'Stripe stand-in',
    html`<h1>Stripe stand-in</h1>
      <p class="note">
        Not Stripe. Newest ${SHOWN} of each kind; everything as JSON: <a href="/_sim/state">/_sim/state</a>
      </p>
      ${section('Webhook endpoints', ['id', 'url'], endpoints)} ${intentsSection(world)} ${refundsSection(world)}
      ${sessionsSection(world)} ${disputesSection(world)} ${deliveriesSection(world)}
      ${section('Settings', ['name', 'value'], Object.entries(world.settings))} ${faultsSection(world.faults.list())}`,
  );
}

function intentsSection(world: World): Markup {
  return section(
    `Payment intents (${world.intents.size})`,
    ['id', 'amount', 'status', 'refunded', 'metadata'],
    firstOf(world.intents.newest(), SHOWN).map((intent) => [
      html`<code>${intent.id}</code>`,
      inWords(intent.amount, intent.currency),
      intent.status,
      refundedOf(world, intent),
      JSON.stringify(intent.metadata),
    ]),
  );
}

function refundsSection(world: World): Markup {
  return section(
    `Refunds (${world.refunds.size})`,
    ['id', 'amount', 'status', 'intent'],
    firstOf(world.refunds.newest(), SHOWN).map((refund) => [
      html`<code>${refund.id}</code>`,
      inWords(refund.amount, refund.currency),
      refund.status,
      html`<code>${refund.payment_intent}</code>`,
    ]),
  );
}

function sessionsSection(world: World): Markup {
  return section(
    `Checkout sessions (${world.sessions.size})`,
    ['page', 'amount', 'status', 'payment', 'intent'],
    firstOf(world.sessions.newest(), SHOWN).map((session) => [
      html`<a href="/c/pay/${session.id}">${session.id.slice(0, 20)}…</a>`,
      inWords(session.amount_total, session.currency),
      session.status,
      session.payment_status,
      session.payment_intent && html`<code>${session.payment_intent}</code>`,
    ]),
  );
}

function disputesSection(world: World): Markup {
  return section(
    `Disputes (${world.disputes.size})`,
    ['id', 'amount', 'reason', 'status', 'intent'],
    firstOf(world.disputes.newest(), SHOWN).map((dispute) => [
      html`<code>${dispute.id}</code>`,
      inWords(dispute.amount, dispute.currency),
      dispute.reason,
      dispute.status,
      html`<code>${dispute.payment_intent}</code>`,
    ]),
  );
}

function deliveriesSection(world: World): Markup {
  return section(
    `Deliveries (${world.deliveries.size})`,
    ['event', 'type', 'to', 'status', 'tries', 'last answer', 'next try (UTC)'],
    firstOf(world.deliveries.newest(), SHOWN).map((delivery) => [
      html`<code>${delivery.event}</code>`,
      delivery.type,
      delivery.endpoint,
      delivery.status,
      delivery.tries,
      delivery.lastStatus ?? delivery.lastError,
      delivery.status === 'pending' && delivery.nextAt !== null ? clock(delivery.nextAt) : '',
    ]),
  );
}

function refundedOf(world: World, intent: Intent): string {
  const charge = world.charges.get(intent.latest_charge ?? '');
  return charge && charge.amount_refunded > 0 ? inWords(charge.amount_refunded, charge.currency) : '';
}
