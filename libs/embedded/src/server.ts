/** A server that was started here and can be stopped and started again on the same data and ports. */
export interface EmbeddedServer {
  /** Process id; changes with each start, undefined while it is stopped. */
  readonly pid: number | undefined;
  readonly running: boolean;
  /** Starts it again after stop, kill or its own death; resolves when it serves. Does nothing while it runs. */
  start(): Promise<void>;
  /** Stops it in order and waits for the end. Does nothing when it is stopped. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would: nothing is flushed. */
  kill(): Promise<void>;
  /** Called each time it ends without stop() or kill(); `exitCode` is null when a signal ended it. */
  onDeath(listener: (exitCode: number | null) => void): void;
}

export interface Postgres extends EmbeddedServer {
  readonly port: number;
  /** Superuser's URL of the database. */
  readonly url: string;
}

export interface Kafka extends EmbeddedServer {
  readonly port: number;
  readonly brokers: string;
}

export interface Zipkin extends EmbeddedServer {
  readonly url: string;
}
