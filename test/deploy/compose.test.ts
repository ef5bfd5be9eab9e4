import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { VARIABLES } from '../../config.ts';

const root = new URL('../../', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, root), 'utf8');

const Service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const Compose = z.object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.unknown()) });
const { services } = Compose.parse(parse(text('docker-compose.yml'), { merge: true }));
const ours = Object.entries(services).filter(([, service]) => service.image === 'holdfast');

describe('docker-compose.yml', () => {
  it('runs every process of ours, from files that exist', () => {
    const scripts = ours.map(([, service]) => service.command?.at(-1) ?? 'api/main.ts');
    expect(scripts.toSorted()).toEqual(['api/main.ts', 'worker/background.ts', 'worker/main.ts', 'worker/migrate.ts']);
    expect(scripts.filter((script) => !existsSync(new URL(script, root)))).toEqual([]);
  });

  it('sets only variables that somebody reads', () => {
    const named = ours.flatMap(([, service]) => Object.keys(service.environment ?? {}));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !VARIABLES.includes(name))).toEqual([]);
  });

  it('has no secret with a default', () => {
    const defaults = [...text('docker-compose.yml').matchAll(/\$\{(\w*(?:SECRET|KEY)\w*):?-[^}]/g)].map(
      ([, name]) => name,
    );
    expect(defaults).toEqual([]);
  });

  it('lets staff look into Temporal, and write there nothing: that asks for no second person', () => {
    const ui = Object.values(services).filter(({ image }) => image.startsWith('temporalio/ui:'));
    expect(ui.map(({ environment }) => environment?.['TEMPORAL_DISABLE_WRITE_ACTIONS'])).toEqual(['true']);
  });

  it('insists on what every shop needs, and on no vendor that one may not work with', () => {
    const needed = [...text('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
    expect(needed.toSorted()).toEqual(['ENCRYPTION_KEY', 'JWT_SECRET']);
  });

  it('waits only for services there are, and lets nobody in from outside', () => {
    const names = Object.keys(services);
    const awaited = Object.values(services).flatMap((service) => Object.keys(service.depends_on));
    expect(awaited.filter((name) => !names.includes(name))).toEqual([]);
    const open = Object.values(services)
      .flatMap((service) => service.ports)
      .filter((port) => !port.startsWith('127.0.0.1:'));
    expect(open).toEqual([]);
  });
});

describe('Kafka in docker-compose.yml', () => {
  const kafka = services['kafka'];
  const setting = (name: string): string => kafka?.environment?.[name] ?? '';
  const listeners = (name: string) =>
    new Map([...setting(name).matchAll(/(\w+):\/\/([^,]*)/g)].map(([, of = '', at = '']) => [of, at]));

  it('is the version that the tests run, one node that is its own controller', () => {
    const [, tested] = /VERSION = '([\d.]+)'/.exec(text('scripts/parts/kafka-jars.mjs')) ?? [];
    expect(kafka?.image).toBe(`apache/kafka:${tested}`);
    expect(setting('KAFKA_PROCESS_ROLES')).toBe('broker,controller');
    const voter = `${setting('KAFKA_NODE_ID')}@localhost${listeners('KAFKA_LISTENERS').get('CONTROLLER')}`;
    expect(setting('KAFKA_CONTROLLER_QUORUM_VOTERS')).toBe(voter);
    expect(kafka?.healthcheck?.test[0]).toBe('CMD');
  });

  it('is named to every process of ours, and none waits for it', () => {
    const inside = listeners('KAFKA_ADVERTISED_LISTENERS').get('INSIDE');
    expect(inside).toBe('kafka:9092');
    expect(ours.map(([, service]) => service.environment?.['KAFKA_BROKERS'])).toEqual(
      ours.map(() => `\${KAFKA_BROKERS-${inside}}`),
    );
    expect(ours.filter(([, service]) => 'kafka' in service.depends_on)).toEqual([]);
  });

  it('can be asked from this machine alone, at the address that it gives', () => {
    const [port] = /:(\d+)$/.exec(listeners('KAFKA_ADVERTISED_LISTENERS').get('OUTSIDE') ?? '')?.slice(1) ?? [];
    expect(kafka?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(listeners('KAFKA_LISTENERS').get('OUTSIDE')).toBe(`:${port}`);
  });

  it('keeps what it was told where its data lies', () => {
    expect(kafka?.volumes).toEqual([`kafka:${setting('KAFKA_LOG_DIRS')}`]);
  });
});

describe('Dockerfile', () => {
  it('copies nothing that is ignored and starts a file that exists', () => {
    const [, script] = /CMD \[.*"(.+)"\]/.exec(text('Dockerfile')) ?? [];
    expect(existsSync(new URL(script ?? 'none', root))).toBe(true);
    expect(text('.dockerignore').split('\n')).toContain('.env');
  });
});
