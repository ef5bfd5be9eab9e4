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
    const defaults = [...text('docker-compose.yml').matchAll(/\$\{(\w*(?:SECRET|KEY)\w*):-/g)].map(([, name]) => name);
    expect(defaults).toEqual([]);
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

describe('Dockerfile', () => {
  it('copies nothing that is ignored and starts a file that exists', () => {
    const [, script] = /CMD \[.*"(.+)"\]/.exec(text('Dockerfile')) ?? [];
    expect(existsSync(new URL(script ?? 'none', root))).toBe(true);
    expect(text('.dockerignore').split('\n')).toContain('.env');
  });
});
