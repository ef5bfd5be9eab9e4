// All stand-ins in one process, told what to do by the environment. One line on stdout says that they listen.
import { startChip } from './chip/server.ts';
import { startKlook } from './klook/server.ts';
import { startMail } from './mail/server.ts';
import { startStripe } from './stripe/server.ts';

type Running = { urls: Record<string, string>; close(): Promise<void> };

const { env } = process;
const dataDir = env['SIM_DATA_DIR'] || undefined;

const starters: Record<string, () => Promise<Running>> = {
  stripe: async () => {
    const url = env['STRIPE_WEBHOOK_URL'];
    const secret = env['STRIPE_WEBHOOK_SECRET'];
    const webhooks = url && secret ? { webhooks: [{ url, secret }] } : {};
    const sim = await startStripe({ port: portFrom('STRIPE_SIM_PORT', 12_111), ...webhooks, dataDir });
    return { urls: { stripe: sim.url }, close: () => sim.close() };
  },
  chip: async () => {
    const webhook = env['CHIP_WEBHOOK_URL'] || undefined;
    const sim = await startChip({ port: portFrom('CHIP_SIM_PORT', 12_112), webhook, dataDir });
    return { urls: { chip: sim.url }, close: () => sim.close() };
  },
  klook: async () => {
    const sim = await startKlook({ port: portFrom('KLOOK_SIM_PORT', 12_113), dataDir });
    return { urls: { klook: sim.url }, close: () => sim.close() };
  },
  mail: async () => {
    const smtpPort = portFrom('MAIL_SMTP_PORT', 12_125);
    const sim = await startMail({ smtpPort, pagePort: portFrom('MAIL_PAGE_PORT', 12_126), dataDir });
    return { urls: { smtp: sim.smtp.url, mail: sim.url }, close: () => sim.close() };
  },
};

await main();

async function main(): Promise<void> {
  const running: Running[] = [];
  try {
    for (const name of wanted()) {
      const start = starters[name];
      if (!start) throw new Error(`SIM_ONLY names ${name}; there are ${Object.keys(starters).join(', ')}`);
      running.push(await start());
    }
  } catch (error) {
    console.error(`sim: could not start: ${error instanceof Error ? error.message : String(error)}`);
    await Promise.all(running.map((sim) => sim.close()));
    process.exitCode = 1;
    return;
  }
  const stop = once(() => Promise.all(running.map((sim) => sim.close())).then(() => process.exit(0)));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  console.log(`sim ready ${JSON.stringify(Object.assign({}, ...running.map((sim) => sim.urls)))}`);
}

function wanted(): string[] {
  const names = (env['SIM_ONLY'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return names.length > 0 ? names : Object.keys(starters);
}

function portFrom(name: string, fallback: number): number {
  const port = Number(env[name] || fallback);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`${name} is not a port: ${env[name]}`);
}

function once(action: () => unknown): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
