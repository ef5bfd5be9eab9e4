// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

import { PartMissing } from '../../scripts/parts/failure.mjs';
import { findKafka, javaVersionIn, obtainKafka } from '../../scripts/parts/kafka-jars.mjs';

it.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "21" 2023-09-19', 21],
  ['java version "1.8.0_202"', 8],
  ['command not found', 0],
])('Java that says %s is version %i', (text, version) => {
  expect(javaVersionIn(text)).toBe(version);
});

it('Kafka is missing, in one sentence, where there is no Java', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-no-java-'));
  const env = { PATH: folder, XDG_CACHE_HOME: folder };
  await expect(obtainKafka(env)).rejects.toThrow(PartMissing);
  await expect(obtainKafka(env)).rejects.toThrow(/^Apache Kafka needs Java 17 or newer: .*\.$/);
  expect(await findKafka(env)).toBeUndefined();
  await rm(folder, { recursive: true });
});
