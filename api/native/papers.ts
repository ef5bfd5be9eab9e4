// Vouchers, receipt and evidence of a booking as PDF.
import { z } from '@hono/zod-openapi';
import { NUMBERED_PDF, papersDoor, PDF, sendPaper, voucherIn } from '../bookings.ts';
import { STAFF } from '../auth.ts';
import type { Desk } from '../bookings.ts';
import { nativeArea } from '../errors.ts';
import { BEARER, FOR_STAFF, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';

const PATH = '/v1/bookings/{id}';
const Id = z.object({ id: z.string().max(64) });

export function addPapers(router: Router, desk: Desk): void {
  const door = papersDoor(desk);
  const described = {
    method: 'get' as const,
    tags: ['documents'],
    security: BEARER,
    request: { params: Id },
    responses: { 200: PDF, ...refusals(nativeArea, 'unauthenticated', 'forbidden', 'not_found', 'conflict') },
  };
  const registry = router.openAPIRegistry;
  registry.registerPath({ ...described, path: `${PATH}/voucher.pdf`, summary: 'The first voucher' });
  registry.registerPath({
    ...described,
    path: `${PATH}/vouchers/{n}.pdf`,
    summary: 'One of several vouchers',
    request: { params: Id.extend({ n: z.int().min(1) }) },
  });
  registry.registerPath({ ...described, path: `${PATH}/receipt.pdf`, summary: 'The receipt' });
  registry.registerPath({
    ...described,
    path: `${PATH}/evidence.pdf`,
    summary: 'What answers a dispute: who, what, when, on which terms, and what was delivered',
    description: 'Drawn by itself when a bank disputes or asks about a payment. 404 before there is a dispute.',
    security: FOR_STAFF,
  });
  router.get('/v1/bookings/:id/voucher.pdf', door, (c) => sendPaper(desk, c, { kind: 'voucher', number: 1 }));
  router.get(`/v1/bookings/:id/vouchers/${NUMBERED_PDF}`, door, (c) => sendPaper(desk, c, voucherIn(c)));
  router.get('/v1/bookings/:id/receipt.pdf', door, (c) => sendPaper(desk, c, { kind: 'receipt' }));
  router.get('/v1/bookings/:id/evidence.pdf', desk.auth.require({ roles: STAFF }), (c) =>
    sendPaper(desk, c, { kind: 'evidence', number: 1 }),
  );
}
