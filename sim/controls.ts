// The `/_sim` endpoints that every stand-in has: faults, settings, state, reset.
import type { Hono } from 'hono';
import type { FaultBook } from './faults.ts';
import { isRecord, json, objectFrom, send, valueFrom } from './reply.ts';
import type { Reply, SimEnv } from './reply.ts';

export type Controls = {
  faults: FaultBook;
  settings: object;
  /** The words a setting may have, where it is one of a few. */
  words?: Record<string, readonly string[]>;
  /** Everything held, by name; tables may be large, so `?only=name` picks one. */
  state: () => Record<string, unknown>;
  reset: () => void;
};

export function mountControls(app: Hono<SimEnv>, controls: Controls): void {
  const { faults } = controls;
  app.get('/_sim/faults', (c) => send(c, json(200, { faults: faults.list() })));
  app.delete('/_sim/faults', (c) => {
    faults.clear();
    return send(c, json(200, { faults: [] }));
  });
  app.post('/_sim/faults', async (c) => {
    const fault = faults.add(valueFrom(await c.req.text()));
    return send(c, typeof fault === 'string' ? refused(fault) : json(201, fault));
  });
  app.get('/_sim/settings', (c) => send(c, json(200, controls.settings)));
  app.post('/_sim/settings', async (c) => {
    const problem = change(controls, objectFrom(await c.req.text()));
    return send(c, problem ? refused(problem) : json(200, controls.settings));
  });
  app.get('/_sim/state', (c) => {
    const state = controls.state();
    const only = c.req.query('only');
    return send(c, json(200, only === undefined ? state : { [only]: state[only] ?? null }));
  });
  app.post('/_sim/reset', (c) => {
    faults.clear();
    controls.reset();
    return send(c, json(200, { reset: true }));
  });
}

export function refused(message: string): Reply {
  return json(400, { error: { message } });
}

/** Sets known settings only, each to the type it has, and all or none. */
function change({ settings, words = {} }: Controls, input: Record<string, unknown> | undefined): string | undefined {
  if (!isRecord(input)) return 'send a JSON object';
  const known = new Map(Object.entries(settings));
  for (const [name, value] of Object.entries(input)) {
    if (!known.has(name)) return `unknown setting ${name}; there are ${[...known.keys()].join(', ')}`;
    if (typeof value !== typeof known.get(name)) return `${name} must be a ${typeof known.get(name)}`;
    const allowed = words[name];
    if (allowed && !allowed.includes(String(value))) return `${name} must be one of ${allowed.join(', ')}`;
    if (typeof value === 'number' && !(value >= 0)) return `${name} must be at least 0`;
  }
  Object.assign(settings, input);
  return undefined;
}
