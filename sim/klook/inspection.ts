// The inspection page of the Klook stand-in.
import { html } from 'hono/html';
import { faultsSection, firstOf, layout, section } from '../layout.ts';
import type { Markup } from '../layout.ts';
import { decimal } from './money.ts';
import { BALANCE_CURRENCY } from './state.ts';
import type { World } from './state.ts';
import { utcText } from './times.ts';

const SHOWN = 50;

export function inspection(world: World): Markup {
  const balance = `${decimal(world.balanceMinor, BALANCE_CURRENCY)} ${BALANCE_CURRENCY}`;
  return layout(
    'Klook stand-in',
    html`<h1>Klook stand-in</h1>
      <p class="note">
        Modelled, not Klook's published API. Newest ${SHOWN} of each kind; everything as JSON:
        <a href="/_sim/state">/_sim/state</a>
      </p>
      <p>Prepaid balance <strong>${balance}</strong></p>
      ${ordersSection(world)} ${ledgerSection(world)} ${catalogueSection(world)}
      ${section('Settings', ['name', 'value'], Object.entries(world.settings))} ${faultsSection(world.faults.list())}`,
  );
}

function ordersSection(world: World): Markup {
  return section(
    `Orders (${world.orders.size})`,
    ['order', 'ours', 'status', 'paid', 'total', 'created (UTC)', 'voucher', 'cancel'],
    firstOf(world.orders.newest(), SHOWN).map((order) => [
      html`<code>${order.id}</code>`,
      html`<code>${order.agentOrderId}</code>`,
      order.status,
      order.transaction,
      `${decimal(order.totalMinor, order.currency)} ${order.currency}`,
      utcText(order.createdAt),
      order.voucherAt === null ? '' : html`<a href="/vouchers/${order.id}/1.pdf">PDF</a>`,
      order.cancel?.status,
    ]),
  );
}

function ledgerSection(world: World): Markup {
  return section(
    `Balance (${world.ledger.size})`,
    ['at', 'type', 'amount', 'balance after', 'order', 'note'],
    firstOf(world.ledger.newest(), SHOWN).map((line) => [
      line.at,
      line.type,
      decimal(line.amountMinor, BALANCE_CURRENCY),
      decimal(line.balanceMinor, BALANCE_CURRENCY),
      line.order,
      line.note,
    ]),
  );
}

function catalogueSection(world: World): Markup {
  return section(
    'Catalogue',
    ['package', 'sku', 'name', 'price', 'stock per start', 'kind'],
    world.skus.values().map((sku) => {
      const pack = world.packages.get(sku.packageId);
      return [
        sku.packageId,
        sku.id,
        `${pack?.name ?? ''}, ${sku.name}`,
        `${sku.price} ${pack?.currency ?? ''}`,
        sku.stock ?? 'no limit',
        pack?.instant ? 'instant' : `on request (${pack?.outcome ?? ''})`,
      ];
    }),
  );
}
