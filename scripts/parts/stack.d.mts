/** A part this machine can't provide; its message is one sentence with the ways to get it. */
export class PartMissing extends Error {}

export interface RunningPostgres {
  /** Of the database `holdfast`, as the cluster's superuser. */
  readonly url: string;
  readonly pid: number;
  /** Stops the server; a throw-away cluster is removed with it. */
  readonly stop: () => Promise<void>;
}

export interface RunningTemporal {
  /** host:port of the frontend; the namespace `default` is there. */
  readonly address: string;
  readonly uiUrl?: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface RunningKafka {
  /** host:port for clients. */
  readonly address: string;
  /** Of clients and of the controller: given to the next start on the same folder, they stay. */
  readonly ports: readonly number[];
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * A real PostgreSQL 18. Without `dir` it is a throw-away cluster without fsync; with `dir` it is kept and durable, and
 * must be given the same password each time. Without `port` it takes a free one.
 */
export function startPostgres(options?: {
  dir?: string;
  port?: number;
  password?: string;
  durable?: boolean;
}): Promise<RunningPostgres>;

/** Removes a kept cluster wherever it was put. */
export function removeClusterDir(dir: string): Promise<void>;

/** A real Temporal, tuned. In memory without `dir`, without Web UI unless `uiPort` is given. */
export function startTemporal(options?: {
  dir?: string;
  port?: number;
  uiPort?: number;
  searchAttributes?: Record<string, string>;
}): Promise<RunningTemporal>;

/** The executable for `TestWorkflowEnvironment.createTimeSkipping({server: {executable: {type: 'existing-path', path}}})`. */
export function obtainTimeSkippingServer(env?: NodeJS.ProcessEnv): Promise<string>;

/** The executable of the Temporal CLI, for a dev server with settings of its own. */
export function obtainTemporalCli(env?: NodeJS.ProcessEnv): Promise<string>;

/** A real Apache Kafka, one broker that is its own controller; what it was told is kept in `dir`. */
export function startKafka(options: {
  dir: string;
  ports?: readonly number[];
  settings?: Record<string, string | number | boolean>;
}): Promise<RunningKafka>;

/** The folder of the broker's jars, fetched when they are not there yet. */
export function obtainKafka(env?: NodeJS.ProcessEnv): Promise<string>;
