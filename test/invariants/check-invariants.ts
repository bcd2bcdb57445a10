import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { checkAgreement } from './agreement.js';
import { inventoryRules } from './inventory.js';
import { messagingRules } from './messaging.js';
import { orderRules } from './orders.js';
import { paymentRules, providerRules } from './payments.js';
import { checkRefunds } from './refunds.js';
import { checkReplays } from './replays.js';
import { checkRules, type Rule, type Violation } from './rule.js';
import { checkTopics } from './topics.js';

export type Schema = 'orders' | 'inventory' | 'payments' | 'payment_simulator' | 'gateway';

export interface CheckOptions {
  /** A URL by schema: of its own role, or of one that may read everything. Without gateway, replays are not checked. */
  readonly databaseUrls: Readonly<Record<Exclude<Schema, 'gateway'>, string> & { gateway?: string | undefined }>;
  /** Without brokers, topics are not checked. */
  readonly kafkaBrokers?: readonly string[];
  readonly topicPrefix?: string;
  /** Who reads the topics (SASL/PLAIN); default nobody in particular. */
  readonly kafkaCredentials?: { readonly username: string; readonly password: string } | undefined;
  /** How long work on its way may take to arrive; what is still wrong then is told. Default 30. */
  readonly patienceSeconds?: number;
}

const RULES: Readonly<Partial<Record<Schema, readonly Rule[]>>> = {
  orders: [...orderRules, ...messagingRules],
  inventory: [...inventoryRules(), ...messagingRules],
  payments: [...paymentRules, ...messagingRules],
  payment_simulator: providerRules,
};

const PAUSE_MS = 500;

/**
 * Reads what the store has written and tells which of its invariants do not hold; empty when all do. Rules about a
 * moment (counters, ledger) are told when they were broken once; rules about the end (no order PENDING, all books
 * agree) when they stay broken for `patienceSeconds`. Only reads. Rejects when a database or broker is away.
 */
export async function checkInvariants(options: CheckOptions): Promise<Violation[]> {
  const end = Date.now() + (options.patienceSeconds ?? 30) * 1000;
  const clients = await connect(options.databaseUrls);
  const broken = new Map<string, Violation>();
  try {
    let waiting = await look(clients, options, broken);
    while (waiting.size > 0 && Date.now() < end) {
      await setTimeout(PAUSE_MS);
      const now = await look(clients, options, broken);
      // What other work brings meanwhile has not had its time yet.
      waiting = new Map([...now].filter(([key]) => waiting.has(key)));
    }
    return [...broken.values(), ...waiting.values()];
  } finally {
    await Promise.all([...clients.values()].map((client) => client.end()));
  }
}

/** Resolves to what may still settle; puts what is broken for good into `broken`. */
async function look(
  clients: Clients,
  options: CheckOptions,
  broken: Map<string, Violation>,
): Promise<Map<string, Violation>> {
  const waiting = new Map<string, Violation>();
  for (const violation of await findAll(clients, options)) {
    const { invariant, what, subject } = violation;
    (violation.settles ? waiting : broken).set(JSON.stringify([invariant, what, subject]), violation);
  }
  return waiting;
}

async function findAll(clients: Clients, options: CheckOptions): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const [schema, rules] of Object.entries(RULES)) found.push(...(await checkRules(clients.get(schema), rules)));
  const books = {
    orders: clients.get('orders'),
    inventory: clients.get('inventory'),
    payments: clients.get('payments'),
    payment_simulator: clients.get('payment_simulator'),
  };
  found.push(...(await checkAgreement(books)), ...(await checkRefunds(books)));
  if (options.databaseUrls.gateway) {
    found.push(...(await checkReplays({ gateway: clients.get('gateway'), orders: books.orders })));
  }
  if (options.kafkaBrokers) {
    const { kafkaBrokers: brokers, topicPrefix: prefix = '', kafkaCredentials: credentials } = options;
    const topics = { brokers, prefix, credentials };
    found.push(...(await checkTopics(books, topics)));
  }
  return found;
}

interface Clients {
  get(schema: string): pg.Client;
  values(): Iterable<pg.Client>;
}

async function connect(urls: CheckOptions['databaseUrls']): Promise<Clients> {
  const clients = new Map<string, pg.Client>();
  for (const [schema, connectionString] of Object.entries(urls)) {
    if (!connectionString) continue;
    const options = `-c search_path=${schema}`;
    const client = new pg.Client({ connectionString, options, application_name: 'invariants' });
    await client.connect();
    clients.set(schema, client);
  }
  const get = (schema: string) => {
    const client = clients.get(schema);
    if (!client) throw new Error(`no URL was given for the schema ${schema}`);
    return client;
  };
  return { get, values: () => clients.values() };
}
