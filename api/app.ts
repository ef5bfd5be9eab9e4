// The whole API in one place: what surrounds every request, and every router.
//
// A router is a function of AppDeps (deps.ts) that returns what `createRouter()` (http/router.ts) made:
//
//   const route = (deps: AppDeps) => createRoute({
//     method: 'post', path: '/api/payments/klook/create-intent', tags: ['trektoo'], summary: '…', security: BEARER,
//     middleware: [deps.auth.require({ storefront: 'trektoo' }), deps.limitCreates, deps.idempotent],
//     request: { body: jsonBody(CreateIntent, EXAMPLE) },
//     responses: { 201: json('…', Created), ...refusals(trektooArea, 'invalid', 'unauthenticated', 'conflict') },
//   });
//   router.openapi(route(deps), async (c) => c.json(await …, 201));
//
// Wrong input, a missing token, a wrong state: throw `VisibleError` (errors.ts); nobody builds an error answer by hand.
// Its kind picks the status, which an area may change; the area of a path is the one with the longest fitting prefix.
import type { Context } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { getPath } from 'hono/utils/url';
import { requestId } from 'hono/request-id';
import { codec } from './codec.ts';
import type { AppDeps } from './deps.ts';
import { docs } from './docs.tsx';
import { areaOf, nativeArea, renderError, withFinalSlash, toVisible, VisibleError } from './errors.ts';
import type { ErrorArea } from './errors.ts';
import { createHealthLook } from './health-look.ts';
import { health } from './health.ts';
import { limitBody } from './http/body-limit.ts';
import { crossOrigin, securityHeaders } from './http/browsers.ts';
import { requestLog } from './http/request-log.ts';
import { createRouter } from './http/router.ts';
import type { Router } from './http/router.ts';
import { metrics } from './metrics.ts';
import { nativeBookings } from './native/bookings.ts';
import { erasures } from './native/erasures.ts';
import { inbox } from './native/inbox.ts';
import { reconciliation } from './native/reconciliation.ts';
import { shopPages } from './pages/shop.tsx';
import { airportArea } from './storefronts/airport/area.ts';
import { airport } from './storefronts/airport.ts';
import { cartArea } from './storefronts/cart/area.ts';
import { cart } from './storefronts/cart.ts';
import { dreamscapeArea } from './storefronts/dreamscape/area.ts';
import { dreamscape } from './storefronts/dreamscape.ts';
import { travelloArea } from './storefronts/travello/area.ts';
import { travello } from './storefronts/travello.ts';
import { trektooArea } from './storefronts/trektoo/area.ts';
import { trektoo } from './storefronts/trektoo.ts';
import { devTokens } from './tokens.ts';
import { WEBHOOK_SIGNATURES } from './webhooks.ts';

const AREAS: readonly ErrorArea[] = [nativeArea, trektooArea, cartArea, dreamscapeArea, travelloArea, airportArea];

export function createApp(deps: AppDeps): Router {
  const app = createBareApp(deps, AREAS);
  app.route('/', health(createHealthLook(deps), deps.clock));
  app.route('/', devTokens(deps.config));
  app.route('/', codec(deps));
  app.route('/', metrics(deps));
  app.route('/', inbox(deps));
  app.route('/', reconciliation(deps));
  app.route('/', erasures(deps));
  app.route('/', nativeBookings(deps));
  app.route('/', trektoo(deps));
  app.route('/', shopPages(deps));
  app.route('/', cart(deps));
  app.route('/', dreamscape(deps));
  app.route('/', travello(deps));
  app.route('/', airport(deps));
  app.route('/', docs(app, deps));
  return app;
}

/** Everything around the routes: ids, limits, headers, and the one place where errors become answers. */
export function createBareApp(deps: Pick<AppDeps, 'config' | 'log'>, areas: readonly ErrorArea[]): Router {
  const { config, log } = deps;
  const app = createRouter((request) => withFinalSlash(areas, getPath(request)));
  const answer = (c: Context, error: VisibleError): Response => renderError(c, areaOf(areas, c.req.path), error);
  app.use(
    requestId({ limitLength: 128 }),
    requestLog(log),
    securityHeaders(),
    crossOrigin({ frontends: config.frontendUrls, temporalUi: config.temporal.uiUrl }),
    limitBody(),
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        answer(
          c,
          new VisibleError('method_not_allowed', 'This method is not offered here.', {
            headers: { Allow: methods.join(', ') },
          }),
        ),
    }),
  );
  app.notFound((c) => answer(c, new VisibleError('not_found', 'There is nothing here.')));
  app.onError((error, c) => answer(c, toVisible(error)));
  for (const [name, scheme] of Object.entries(WEBHOOK_SIGNATURES))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  return app;
}
