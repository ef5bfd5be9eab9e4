// Serves the PDF behind a booking's `voucher_url`. Like a link in a mail, it needs no key.
import { activities } from './catalogue.ts';
import { codesOf } from './detail.ts';
import type { World } from './state.ts';
import { voucherPdf } from './voucher.ts';

export function serveVoucher(world: World, orderNo: string, file: string): Response {
  const order = world.orders.get(orderNo);
  const position = Number(/^(\d+)\.pdf$/.exec(file)?.[1]) - 1;
  const item = order?.items[position];
  if (!order || !item || order.voucherAt === null || order.status !== 'confirmed') {
    return new Response('no such voucher', { status: 404 });
  }
  const pack = world.packages.get(item.packageId);
  const activity = activities.find((candidate) => candidate.id === pack?.activityId);
  const lines = [
    'Voucher (Klook stand-in)',
    `Order ${order.id} / ${order.agentOrderId}`,
    `${activity?.name ?? ''}: ${pack?.name ?? ''}`,
    `${item.startTime} (${pack?.timezone ?? 'UTC'})`,
    `${order.contact.first_name} ${order.contact.family_name}`,
    ...codesOf(world, order, position).map(({ code, description }) => `${description}: ${code}`),
  ];
  return new Response(new Uint8Array(voucherPdf(lines)), { headers: { 'content-type': 'application/pdf' } });
}
