import pg from 'pg';
import { prepareStatements } from './prepared-statements.js';

export interface PoolOptions {
  url: string;
  /** Seen in pg_stat_activity. */
  applicationName: string;
  /** Default 10. */
  maxConnections?: number;
  /** A statement that runs longer is cancelled by the server; default 15,000 ms. */
  statementTimeoutMs?: number;
  /** A transaction that waits longer for its next statement is ended by the server; default 30,000 ms. */
  idleInTransactionTimeoutMs?: number;
}

const INT8 = 20;

/** int8 columns come as bigint: a price in minor units does not pass through a string or a double. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(oid, format)),
};

/** A pool whose lost connections are reported to `onError`, never thrown: an unheard 'error' event ends the process. */
export function openPool(options: PoolOptions, onError: (error: Error) => void): pg.Pool {
  const statementTimeout = options.statementTimeoutMs ?? 15_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 30_000,
    keepAlive: true,
    types,
  });
  pool.on('error', onError);
  // The pool listens only to idle clients; one that is lost between two statements of a transaction has no listener.
  pool.on('connect', (client) => {
    client.on('error', onError);
    prepareStatements(client);
  });
  return pool;
}
