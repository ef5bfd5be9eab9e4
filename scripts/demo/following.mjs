// @ts-check
// Watches one booking from all sides and shows what happens in the order in which it happened.
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure } from '../parts/failure.mjs';
import { factsOf } from './timeline.mjs';
import { wordsFor } from './wording.mjs';

const LOOK_EVERY_MS = 80;
/** A row is stamped when its transaction begins and is seen when it ends: who is shown too early would be out of order. */
const SETTLE_MS = 150;
const SILENCE_MS = 1_000;

/** @typedef {import('./screen.mjs').Step} Step */
/** @typedef {import('./shop.mjs').OrderStatus} OrderStatus */
/** @typedef {Step & { id: string }} News */
/** @typedef {import('./stand-ins.mjs').Letter & { pdfs: number }} OpenedLetter */
/** @typedef {ReturnType<typeof followBooking>} Follower */

/**
 * What can be shown of any booking.
 * @typedef {object} Sides
 * @property {import('./timeline.mjs').RecordedFact[]} facts
 * @property {OpenedLetter[]} letters to the customer, and to staff about the booking
 * @property {Webhook[]} webhooks
 */

/** @typedef {Sides & { order: OrderStatus }} Seen with the order as the customer sees it */

/**
 * @typedef {object} Webhook
 * @property {number} id
 * @property {string | null} type
 * @property {string} verdict
 * @property {string} state
 * @property {string} receivedAt
 * @property {string | null} handledAt
 */

/**
 * @typedef {object} Watched
 * @property {import('./screen.mjs').Screen} screen
 * @property {import('./stand-ins.mjs').StandIns['mail']} mail
 * @property {import('./shop.mjs').Visitor} staff
 * @property {{ id: string, number: string, email: string }} booking
 */

/**
 * @template {Sides} S
 * @typedef {object} Awaited
 * @property {string} what for the person who waits
 * @property {(seen: S) => boolean} holds
 * @property {number} [withinMs]
 */

/** @param {Watched & { customer: import('./shop.mjs').Visitor }} watched */
export function followBooking(watched) {
  const lookAround = sidesOf(watched);
  const look = async () => {
    const [order, sides] = await Promise.all([watched.customer.orderStatus(watched.booking.id), lookAround()]);
    return { order, ...sides };
  };
  return follow(watched.screen, { look, standing: standingOf });
}

/**
 * Looks at a booking from every side there is.
 * @param {Watched} watched
 * @returns {() => Promise<Sides>}
 */
export function sidesOf(watched) {
  const postbox = openPostbox(watched);
  return async () => {
    const [facts, letters, webhooks] = await Promise.all([
      factsOf(watched.staff, watched.booking.id),
      postbox(),
      webhooksOf(watched),
    ]);
    return { facts, letters, webhooks };
  };
}

/**
 * @template {Sides} S
 * @param {import('./screen.mjs').Screen} screen
 * @param {{ look: () => Promise<S>, standing: (seen: S) => string }} watch
 */
export function follow(screen, { look, standing }) {
  /** @type {Set<string>} */
  const shown = new Set();
  let lastShownAt = Date.now();

  const show = (/** @type {S} */ seen, /** @type {number} */ before) => {
    const fresh = newsIn(seen).filter(({ id, at }) => !shown.has(id) && at <= before);
    for (const { id, ...step } of fresh.toSorted((a, b) => a.at - b.at)) {
      shown.add(id);
      screen.step(step);
      lastShownAt = Date.now();
    }
  };

  return {
    /**
     * Looks until what is awaited holds, and shows what happens meanwhile.
     * @param {Awaited<S>} awaited
     * @returns {Promise<S>}
     */
    async until({ what, holds, withinMs = 30_000 }) {
      const begun = Date.now();
      for (;;) {
        const lookedAt = Date.now();
        const seen = await look();
        if (!screen.isOpen()) throw new PlainFailure('The demo was broken off.');
        const held = holds(seen);
        show(seen, held ? Infinity : lookedAt - SETTLE_MS);
        if (held) return seen;
        const waitedMs = Date.now() - begun;
        if (waitedMs > withinMs)
          throw new PlainFailure(`Waited ${withinMs / 1000} s for ${what} in vain: ${standing(seen)}.`);
        if (Date.now() - lastShownAt > SILENCE_MS)
          screen.waiting(`waiting for ${what}, ${Math.round(waitedMs / 1000)} s so far`);
        await sleep(LOOK_EVERY_MS);
      }
    },
  };
}

/** @param {Seen} seen */
function standingOf({ order: { booking_status: booking, payment_status: payment, klook_status: klook } }) {
  return `the booking is ${booking}, its payment ${payment}, the Klook order ${klook}`;
}

/**
 * @param {Sides} sides
 * @returns {News[]}
 */
function newsIn({ facts, letters, webhooks }) {
  const gateway = facts.some(({ fact }) => fact.gateway === 'chip') ? 'chip' : 'stripe';
  return [
    ...facts.map(({ seq, at, type, fact }) => ({
      id: `fact ${seq}`,
      at: Date.parse(at),
      ...wordsFor(type, fact, gateway),
    })),
    ...letters.map(letterNews),
    ...webhooks.filter(({ state }) => state !== 'pending' && state !== 'ignored').map(webhookNews),
  ];
}

/**
 * @param {OpenedLetter} letter
 * @returns {News}
 */
function letterNews({ id, receivedAt, to, subject, pdfs }) {
  const papers = pdfs === 0 ? 'no papers' : `${pdfs} PDF${pdfs === 1 ? '' : 's'} attached`;
  return {
    id,
    at: Date.parse(receivedAt),
    who: 'mail',
    text: `"${subject}"`,
    detail: `to ${to.join(', ')}, ${papers}`,
  };
}

/**
 * @param {Webhook} webhook
 * @returns {News}
 */
function webhookNews({ id, type, verdict, state, receivedAt, handledAt }) {
  const at = Date.parse(receivedAt);
  const told = handledAt ? `workflow told ${Math.max(0, Date.parse(handledAt) - at)} ms later` : state;
  return {
    id: `webhook ${id}`,
    at,
    who: 'webhook',
    text: String(type),
    detail: `signature ${verdict}, ${told}`,
  };
}

/**
 * @param {Watched} watched
 * @returns {Promise<Webhook[]>}
 */
async function webhooksOf({ staff, booking }) {
  /** @type {import('./http.mjs').Answer<{ items: Webhook[] }>} */
  const { body } = await staff.get(`/v1/inbox?booking=${booking.id}&limit=200`);
  return body.items;
}

/**
 * Reads the letters about the booking, each opened once to count its papers.
 * @param {Watched} watched
 */
function openPostbox({ mail, booking }) {
  /** @type {Map<string, OpenedLetter>} */
  const opened = new Map();
  return async () => {
    const [own, newest] = await Promise.all([mail.letters({ to: booking.email }), mail.letters({ limit: '20' })]);
    const about = [...own, ...newest.filter(({ subject }) => subject.includes(booking.number))];
    for (const letter of about) {
      if (opened.has(letter.id)) continue;
      const files = await mail.attachmentsOf(letter.id);
      opened.set(letter.id, {
        ...letter,
        pdfs: files.filter(({ contentType }) => contentType === 'application/pdf').length,
      });
    }
    return [...opened.values()];
  };
}
