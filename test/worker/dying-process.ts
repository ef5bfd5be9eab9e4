// A process with one activity that calls somebody, and with the end that it was given. What it prints is how far it came.
import { writeSync } from 'node:fs';
import { request } from 'node:http';
import { MockActivityEnvironment } from '@temporalio/testing';
import { deaths } from '../../config-words.ts';
import { deathsAt } from '../../worker/deaths.ts';

const [, , spec = '', url = '', by = 'fetch'] = process.argv;
const say = (word: string): void => void writeSync(1, `${word}\n`);

const byFetch = async (): Promise<void> => {
  await fetch(url);
  say('looked');
  await fetch(url, { method: 'POST', body: 'buy' });
};
const byHttp = (): Promise<void> =>
  new Promise((resolve) => {
    request(url, { method: 'POST' }, (response) => response.resume().once('end', resolve)).end('buy');
  });

const environment = new MockActivityEnvironment(
  { activityType: 'payOrder' },
  { interceptors: [deathsAt(deaths.parse(spec))] },
);
const verb = async (): Promise<void> => {
  say('began');
  await (by === 'http' ? byHttp() : byFetch());
  say('did');
};
await environment.run(verb);
say('answered');
await new Promise((resolve) => setTimeout(resolve, 1_000));
say('lived on');
