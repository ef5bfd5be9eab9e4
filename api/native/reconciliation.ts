// Staff's view of what reconciliation found, saying why it may be, and asking for a run now.
import { createRoute, z } from '@hono/zod-openapi';
import { recordAudit, sealWords } from '../../db/audit.ts';
import { takenCurrencies } from '../../db/books.ts';
import type { Queryable } from '../../db/client.ts';
import { isErased } from '../../db/erasures.ts';
import {
  closedFindings,
  explainedFindings,
  explainFinding,
  openFigures,
  openFindings,
  reasonOf,
} from '../../db/findings.ts';
import type { StoredFinding } from '../../db/findings.ts';
import { SYSTEM_KEY } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { lastRun } from '../../db/recon-runs.ts';
import type { ReconRun } from '../../db/recon-runs.ts';
import { FINDING_KINDS, unexplainedOf } from '../../domain/findings.ts';
import { RECONCILE_WORKFLOW, reconciliationIdOf } from '../../workflows/messages.ts';
import type { ReconcileInput } from '../../workflows/messages.ts';
import { ADMINS, principalOf, STAFF } from '../auth.ts';
import type { AppDeps } from '../deps.ts';
import { nativeArea, VisibleError } from '../errors.ts';
import { FOR_ADMINS, FOR_STAFF, createRouter, json, jsonBody, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';

const Minor = z.int().openapi({ description: 'Minor units of the currency' });
const When = z.iso.datetime();
const Sum = z.object({ currency: z.string(), amount: Minor });

const FindingWire = z.object({
  id: z.int(),
  kind: z.enum(FINDING_KINDS),
  invariant: z.string().openapi({ description: 'By its number in docs/invariants.md' }),
  bookingId: z.string().nullable(),
  subject: z.string().openapi({ description: 'The payment, refund, order or workflow it is about' }),
  reason: z.string(),
  unexplained: Sum.nullable(),
  evidence: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()),
  openedAt: When,
  seenAt: When,
  toldAt: When.nullable().openapi({
    description: 'When the workflow of the booking was told to read the payment again',
  }),
  closedAt: When.nullable(),
  closedBecause: z.string().nullable(),
  explainedAt: When.nullable(),
  explainedBy: z.string().nullable(),
  explanation: z
    .string()
    .nullable()
    .openapi({ description: 'Null, too, once the person was erased of whose booking it spoke' }),
});

const RunWire = z.object({
  id: z.int(),
  scope: z.enum(['recent', 'all']),
  startedAt: When,
  finishedAt: When.nullable(),
  bookings: z.int(),
  payments: z.int(),
  supplierOrders: z.int(),
  unread: z.int().openapi({ description: 'What could not be read, and is therefore not proven' }),
});

const Standing = z.object({
  moneyUnexplained: z.array(Sum).openapi({ description: 'One number per currency; 0 is the only good value' }),
  lastRun: RunWire.nullable(),
  items: z.array(FindingWire),
});

const readRoute = createRoute({
  method: 'get',
  path: '/v1/reconciliation',
  tags: ['reconciliation'],
  summary: 'What is unexplained',
  description:
    'Open findings, the largest sum first; with `state=explained` those that a person has explained and that stand, with `state=closed` those that ended last. A finding closes by itself when a run finds it no more.',
  security: FOR_STAFF,
  request: {
    query: z.object({
      state: z.enum(['open', 'explained', 'closed']).default('open'),
      limit: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
  },
  responses: {
    200: json('What was found', Standing),
    ...refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden'),
  },
});

const Wish = z.object({
  scope: z
    .enum(['recent', 'all'])
    .default('all')
    .openapi({ description: 'What changed lately or is under way, or everything' }),
});
const Begun = z.object({ workflowId: z.string(), scope: z.enum(['recent', 'all']) });

const runRoute = createRoute({
  method: 'post',
  path: '/v1/reconciliation',
  tags: ['reconciliation'],
  summary: 'Compare the books now',
  description:
    'Begins a run, or joins one of that scope that was asked for before; `GET` shows what it found once `lastRun` is newer than the request.',
  security: FOR_STAFF,
  request: { body: { ...jsonBody(Wish, { scope: 'recent' }), required: false } },
  responses: {
    200: json('Begun', Begun),
    ...refusals(nativeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden'),
  },
});

const explainRoute = createRoute({
  method: 'post',
  path: '/v1/reconciliation/findings/{id}/explain',
  tags: ['reconciliation'],
  summary: 'Say why a finding is as it is',
  description:
    'For admins: whoever may pay back must not explain away where it went. It counts no more as unexplained and is nobody’s work, until a run finds it changed. It closes by itself when it is found no more. The words stay, with who said them, until the person of that booking is forgotten.',
  security: FOR_ADMINS,
  request: {
    params: z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) }),
    body: jsonBody(z.object({ because: z.string().trim().min(3).max(500) }), {
      because: 'Paid by another installation that shares the account until March',
    }),
  },
  responses: {
    200: json('Explained', FindingWire),
    ...refusals(nativeArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'),
  },
});

export function reconciliation({ auth, db, keyring, idempotent, temporal, config, clock }: AppDeps): Router {
  const router = createRouter();
  router.use('/v1/reconciliation/*', auth.require({ roles: STAFF, wholeHouse: true }), idempotent);

  router.openapi(readRoute, async (c) => {
    const { state, limit } = c.req.valid('query');
    const [open, currencies, run] = await Promise.all([openFigures(db), takenCurrencies(db), lastRun(db)]);
    const shown = await { open: openFindings, explained: explainedFindings, closed: closedFindings }[state](db, limit);
    const moneyUnexplained = unexplainedOf(open, currencies).map(sumWire);
    return c.json({ moneyUnexplained, lastRun: run ? runWire(run) : null, items: shown.map(findingWire) }, 200);
  });

  router.openapi(runRoute, async (c) => {
    const { scope } = Wish.parse(c.req.valid('json') ?? {});
    const { sub, role } = principalOf(c);
    const { taskQueue } = config.temporal;
    const workflowId = `${reconciliationIdOf(taskQueue)}-asked-${scope}`;
    const input: ReconcileInput = { scope };
    await temporal.workflow.start(RECONCILE_WORKFLOW, {
      workflowId,
      taskQueue,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [input],
      staticSummary: `Compare ${scope === 'all' ? 'all books' : 'what changed lately'}, asked for by staff`,
    });
    await recordAudit(db, { actor: sub, role, action: 'reconciliation.run', detail: { scope } });
    return c.json({ workflowId, scope }, 200);
  });

  router.openapi(
    createRoute({ ...explainRoute, middleware: [auth.require({ roles: ADMINS, wholeHouse: true })] }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { because } = c.req.valid('json');
      const { sub, role } = principalOf(c);
      const finding = await db.transaction(async (tx) => {
        const explained = await explainFinding(tx, id, { by: sub, because, at: clock() });
        if (explained.kind === 'unknown') throw new VisibleError('not_found', 'There is no such finding.');
        if (explained.kind === 'closed')
          throw new VisibleError('conflict', 'This finding is over: it needs no explanation.');
        const words = await wordsOn({ on: tx, keyring }, { bookingId: explained.finding.bookingId, because });
        const entry = { actor: sub, role, action: 'reconciliation.explain', detail: { findingId: id } };
        await recordAudit(tx, { ...entry, ...words });
        return explained.finding;
      });
      if (finding.bookingId !== null) c.set('bookingId', finding.bookingId);
      return c.json(findingWire(finding), 200);
    },
  );

  return router;
}

interface Said {
  readonly bookingId: string | null;
  readonly because: string;
}

/** They may name the customer, like all that staff write: sealed with the key of the booking, and gone with it. */
async function wordsOn({ on, keyring }: { on: Queryable; keyring: Keyring }, { bookingId, because }: Said) {
  if (bookingId === null) return { sealedWords: await sealWords(keyring, SYSTEM_KEY, because) };
  if (await isErased(on, bookingId)) return { bookingId };
  return { bookingId, sealedWords: await sealWords(keyring, bookingId, because) };
}

const sumWire = ({ minor, currency }: { minor: number; currency: string }) => ({ currency, amount: minor });

const findingWire = (finding: StoredFinding): z.output<typeof FindingWire> => ({
  ...finding,
  reason: reasonOf(finding),
  unexplained: finding.unexplained && sumWire(finding.unexplained),
  openedAt: finding.openedAt.toISOString(),
  seenAt: finding.seenAt.toISOString(),
  toldAt: finding.toldAt?.toISOString() ?? null,
  closedAt: finding.closedAt?.toISOString() ?? null,
  explainedAt: finding.explainedAt?.toISOString() ?? null,
});

const runWire = ({ startedAt, finishedAt, ...run }: ReconRun): z.output<typeof RunWire> => ({
  ...run,
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});
