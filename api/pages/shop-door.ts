// What stands around the shop's pages: forms only from here, what there is to say kept until the next page, and errors as pages.
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { statusIn, titleOf, toVisible, VisibleError } from '../errors.ts';
import { cartArea } from '../storefronts/cart/area.ts';
import type { Notice } from './words.ts';

const COOKIE = 'hf_notice';
const COOKIE_LIFETIME_S = 60;
const MOST_LINES = 8;

const KeptNotice = z.object({
  tone: z.enum(['done', 'changed', 'problem']),
  title: z.string().max(200),
  lines: z.array(z.string().max(200)).max(MOST_LINES),
});

/** A form is answered with the way to the next page, so that reloading that repeats nothing. */
export function keepNotice(c: Context, { publicUrl }: Config, { lines, ...notice }: Notice): void {
  const kept = JSON.stringify({ ...notice, lines: lines.slice(0, MOST_LINES) });
  const secure = publicUrl.startsWith('https:');
  setCookie(c, COOKIE, kept, { httpOnly: true, sameSite: 'Lax', secure, path: '/', maxAge: COOKIE_LIFETIME_S });
}

export function takeNotice(c: Context): Notice | undefined {
  const kept = getCookie(c, COOKIE);
  if (kept === undefined) return undefined;
  deleteCookie(c, COOKIE, { path: '/' });
  try {
    return KeptNotice.safeParse(JSON.parse(kept)).data;
  } catch {
    return undefined;
  }
}

/** The cookie goes only with requests from our own site; browsers too old for that at least say where a form stood. */
export function ownFormsOnly({ publicUrl }: Config): MiddlewareHandler {
  const ours = new URL(publicUrl).origin;
  return csrf({ origin: (origin, c) => origin === ours || origin === new URL(c.req.url).origin });
}

export interface PageError {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly message: string;
  readonly retryAfterS: number | undefined;
}

export function pageErrorOf(thrown: Error): PageError {
  const error = thrown instanceof HTTPException && thrown.status === 403 ? foreignForm() : toVisible(thrown);
  const status = error.status ?? statusIn(cartArea, error.kind);
  return { status, title: titleOf(error.kind), message: error.publicMessage, retryAfterS: error.retryAfterS };
}

const foreignForm = (): VisibleError =>
  new VisibleError('forbidden', 'This form was not sent from the shop. Please open the page anew.');
