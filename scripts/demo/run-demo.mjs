// @ts-check
// `npm run demo`: books as a customer would, shows what happens, and fails when it ends where it must not.
import { randomBytes } from 'node:crypto';
import path from 'node:path';

import { PlainFailure, runMain } from '../parts/failure.mjs';
import { readBooks } from './books.mjs';
import { showLedger, showLinks, showPapers, showProfit } from './closing.mjs';
import { checksOf, reached } from './ending.mjs';
import { followBooking } from './following.mjs';
import { readOptions, USAGE } from './options.mjs';
import { orderFor, PRICE, WHAT } from './order.mjs';
import { savePapers } from './papers.mjs';
import { ROADS, skuFor } from './roads.mjs';
import { createScreen } from './screen.mjs';
import { signIn } from './shop.mjs';
import { reachStack } from './stack.mjs';
import { createStandIns } from './stand-ins.mjs';
import { performWalk } from './walk.mjs';

/** @typedef {import('./roads.mjs').Road} Road */
/** @typedef {import('./roads.mjs').Scene} Scene */
/** @typedef {import('./stack.mjs').Stack} Stack */
/** @typedef {import('./screen.mjs').Screen} Screen */

const ENDED_WITHIN_MS = 60_000;
const SAME_KEYPRESS_MS = 500;

/** @param {string[]} args */
export async function runDemo(args) {
  await runMain(async () => {
    const { help, ...choice } = readOptions(args);
    if (help) {
      console.log(USAGE);
      return 0;
    }
    const screen = createScreen();
    const stack = await reachStack((line) => screen.aside(line));
    return untilStopped({ stack, screen }, (afterwards) =>
      choice.storefront === 'trektoo'
        ? perform({ screen, stack, afterwards, road: ROADS[choice.road] })
        : performWalk({ screen, stack, afterwards, ...choice }),
    );
  });
  // What still waits in the background of a demo that was broken off must not keep the terminal.
  process.exit();
}

/**
 * Ends early on Ctrl-C. Either way what the road changed is put back, and a stack of our own is stopped.
 * @param {Pick<Scene, 'stack' | 'screen'>} stage
 * @param {(afterwards: Scene['afterwards']) => Promise<number>} work
 */
async function untilStopped({ stack, screen }, work) {
  /** @type {(() => Promise<unknown>)[]} */
  const undone = [];
  const stopped = brokenOff();
  try {
    return await Promise.race([work((undo) => undone.push(undo)), stopped]);
  } finally {
    screen.close();
    for (const undo of undone.toReversed()) await undo().catch(() => undefined);
    if (stack.ours) console.log(`\nStopping the stack that this demo started; its data stays in ${stack.dir}.`);
    await stack.stop();
  }
}

/**
 * Fails at the first signal; one that comes while things are put back ends everything at once. Ctrl-C under npm comes
 * twice in a moment: from the terminal and passed on by npm.
 * @returns {Promise<never>}
 */
function brokenOff() {
  let askedAt = 0;
  return new Promise((_, reject) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => {
        askedAt ||= Date.now();
        if (Date.now() - askedAt > SAME_KEYPRESS_MS) process.exit(1);
        reject(new PlainFailure('The demo was broken off.'));
      });
    }
  });
}

/**
 * @param {Pick<Scene, 'screen' | 'stack' | 'afterwards'> & { road: Road }} given
 * @returns {Promise<number>} the exit code
 */
async function perform({ road, ...given }) {
  const { screen, stack } = given;
  introduce(screen, stack, road);
  const scene = await enter(given);
  const opened = await open(scene, road);
  await opened.follower.until({
    what: 'the payment to be open',
    holds: ({ facts }) => facts.some(({ type }) => type === 'payment.opened'),
  });
  await road.act({ ...scene, ...opened });
  const seen = await opened.follower.until({
    what: road.ending === 'confirmed' ? 'the confirmation and its letter' : 'the refund and its letter',
    withinMs: ENDED_WITHIN_MS,
    holds: reached(road.ending),
  });
  return close(scene, { road, seen, ...opened });
}

/** @param {Screen} screen @param {Stack} stack @param {Road} road */
function introduce(screen, { urls, ours }, road) {
  screen.title(`Holdfast demo: ${road.title}`);
  screen.facts([
    ['story', road.story],
    ['books', `${WHAT.activity}, ${WHAT.package}, ${PRICE.count} x ${WHAT.sku}, ${PRICE.currency} ${PRICE.amount}`],
    ['stack', `${urls.api} (${ours ? 'started by this demo' : 'was running'})`],
  ]);
  screen.section('What happens');
  screen.begin();
}

/**
 * @param {Pick<Scene, 'screen' | 'stack' | 'afterwards'>} given
 * @returns {Promise<Scene>}
 */
async function enter(given) {
  const { api } = given.stack.urls;
  const run = randomBytes(4).toString('hex');
  const email = `mei.chan+${run}@example.com`;
  const { answer, visitor: customer } = await signIn(api, { sub: `demo-${run}`, role: 'customer', email });
  const { visitor: staff } = await signIn(api, { sub: 'demo-staff', role: 'staff' });
  given.screen.step({
    at: answer.sentAt,
    who: 'customer',
    text: 'POST /dev/tokens: a token for the customer',
    detail: `200 in ${answer.ms} ms`,
  });
  return { ...given, standIns: createStandIns(given.stack), customer, staff, email };
}

/**
 * @param {Scene} scene
 * @param {Road} road
 */
async function open(scene, road) {
  const { screen, customer, staff, standIns, email } = scene;
  const skuId = await skuFor(road, scene);
  const order = orderFor({ email, skuId, now: new Date() });
  /** @type {import('./http.mjs').Answer<{ data: import('./shop.mjs').Intent }>} */
  const { body, sentAt, ms } = await customer.post('/api/payments/klook/create-intent', order);
  const intent = body.data;
  /** @type {import('./http.mjs').Answer<{ data: { number: string } }>} */
  const detail = await customer.get(`/api/klook/bookings/${intent.booking_id}`);
  const { number } = detail.body.data;
  screen.step({
    at: sentAt,
    who: 'customer',
    text: `POST /api/payments/klook/create-intent: booking ${number}, ${intent.currency} ${intent.amount}`,
    detail: `201 in ${ms} ms`,
  });
  const follower = followBooking({
    screen,
    mail: standIns.mail,
    customer,
    staff,
    booking: { id: intent.booking_id, number, email },
  });
  return { intent, follower, number };
}

/**
 * @param {Scene} scene
 * @param {{ road: Road, seen: import('./following.mjs').Seen, intent: import('./shop.mjs').Intent, number: string }} story
 */
async function close({ screen, stack, standIns, customer, staff, email }, { road, seen, intent, number }) {
  const bookingId = intent.booking_id;
  const [{ profit }, postings, charges, movements, papers] = await Promise.all([
    staff.orderStatus(bookingId),
    readBooks(stack, bookingId),
    standIns.stripe.chargesOf(intent.payment_intent_id),
    standIns.klook.movementsOf(seen.order.order_id),
    savePapers(customer, {
      dir: path.join(stack.dir, 'demo', number),
      receiptUrl: `${stack.urls.api}/api/klook/bookings/${bookingId}/receipt.pdf`,
      vouchers: seen.order.vouchers,
    }),
  ]);
  showLedger(screen, postings);
  showProfit(screen, { seen, profit, charges });
  showPapers(screen, papers);
  showLinks(screen, { stack, bookingId, letters: seen.letters, pageOf: standIns.mail.pageOf });
  screen.section('Checked');
  const checks = checksOf({ road, seen, profit, postings, charges, movements, papers, email });
  for (const check of checks) screen.check(check);
  const broken = checks.find(({ ok }) => !ok);
  if (broken) throw new PlainFailure(`The demo did not end as it must: ${broken.text}.`);
  return 0;
}
