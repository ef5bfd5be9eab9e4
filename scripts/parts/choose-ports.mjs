// @ts-check
import { PORTS, portsInUse } from './settings.mjs';
import { PlainFailure } from './failure.mjs';
import { freePorts } from './free-ports.mjs';
import { isPortFree, requireFreePorts } from './ports.mjs';

/**
 * The port of every part started here. A second copy (PORT and DATA_DIR set) gets free inner ports where its
 * defaults are taken; otherwise a taken port is a failure that names it.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Record<import('./settings.mjs').PortName, number>>}
 */
export async function choosePorts(env) {
  const uses = portsInUse(env);
  const isSecondCopy = Boolean(env.PORT && env.DATA_DIR);
  const spare = isSecondCopy ? await freePorts(uses.length) : [];
  const decided = await Promise.all(
    uses.map(async (use, index) => {
      const replacement = spare[index];
      const keep = use.chosen || replacement === undefined || (await isPortFree(use.port));
      return keep ? use : { ...use, port: replacement };
    }),
  );
  refuseSharedPorts(decided);
  await requireFreePorts(decided);
  const portOf = (/** @type {import('./settings.mjs').PortName} */ name) =>
    decided.find((use) => use.name === name)?.port ?? PORTS[name].fallback;
  return {
    api: portOf('api'),
    postgres: portOf('postgres'),
    temporal: portOf('temporal'),
    temporalUi: portOf('temporalUi'),
    stripe: portOf('stripe'),
    chip: portOf('chip'),
    klook: portOf('klook'),
    smtp: portOf('smtp'),
    mailPage: portOf('mailPage'),
  };
}

/** @param {readonly import('./ports.mjs').PortUse[]} uses */
function refuseSharedPorts(uses) {
  for (const [index, use] of uses.entries()) {
    const other = uses.slice(index + 1).find(({ port }) => port === use.port);
    if (!other) continue;
    throw new PlainFailure(
      `Port ${use.port} is wanted by ${use.what} and by ${other.what}: give ${use.variable} or ${other.variable} another.`,
    );
  }
}
