// @ts-check
// Everything that keeps money from being lost or doubled, as data: where it stands, and the test that falls without it.
import { REFUNDS } from './chapters/refunds.mjs';
import { CALLS } from './chapters/calls.mjs';
import { DATABASE } from './chapters/database.mjs';
import { EITHER } from './chapters/either.mjs';
import { FACTS } from './chapters/facts.mjs';
import { NEWS } from './chapters/news.mjs';
import { REQUESTS } from './chapters/requests.mjs';
import { RETURNED } from './chapters/returned.mjs';
import { STORY } from './chapters/story.mjs';
import { SUPPLIER } from './chapters/supplier.mjs';

/**
 * @typedef {object} Guard
 * @property {string} name
 * @property {string} against the failure class or invariant of docs/invariants.md, docs/guards.md
 * @property {string} keepsFrom what would happen without it
 * @property {string} file
 * @property {string} text its source, there exactly once
 * @property {string} without what stands in its place when it is taken out
 * @property {{ file: string, name: string }} test falls without it; by the name that the run gives it
 */

/** @typedef {{ title: string, guards: readonly Guard[] }} Chapter */

/** @type {readonly Chapter[]} */
export const CHAPTERS = [DATABASE, FACTS, NEWS, STORY, REFUNDS, RETURNED, EITHER, CALLS, SUPPLIER, REQUESTS];

/** @type {readonly Guard[]} */
export const GUARDS = CHAPTERS.flatMap(({ guards }) => guards);

/** @param {Guard} guard */
export const needsServices = ({ test }) => test.file.includes('.int.test.');
