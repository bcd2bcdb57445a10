import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './folders.js';
import { installJars, sourceFolder } from './jars.js';
import { javaCommand, javaFingerprint } from './java.js';
import { kafkaProperties } from './kafka-properties.js';
import { isServing } from './kafka-readiness.js';
import { freePort } from './ports.js';
import { type Progress, timed } from './progress.js';
import { ServerProcess } from './server-process.js';

const jars = { source: 'kafka', cached: 'kafka-4.4.0', title: 'Apache Kafka 4.4.0 (45 jars, 43 MB)' } as const;
/** One node talks only to itself, hence one constant name for all clusters; it is 16 bytes in base64url. */
const clusterId = 'SU5lZWRUaGF0RmFzdDFzdA';

/** What is needed to run a broker; made once per user, Kafka version and Java version. */
export interface KafkaInstallation {
  java: string;
  /** Arguments of java that end with the main class of the broker; the file of properties follows. */
  arguments: string[];
  /** Puts what an empty data folder must hold at a first start into `logFolder`. */
  format(logFolder: string): void;
}

/** @throws MissingToolError (Java, Maven), or when a download is not what the committed SHA-256 list says */
export async function installKafka(progress: Progress): Promise<KafkaInstallation> {
  const java = javaCommand();
  const classPath = await installJars(jars, progress);
  const prepared = join(cacheFolder(), `${jars.cached}-java-${javaFingerprint(java)}`);
  const common = [
    '-cp',
    classPath.join(delimiter),
    `-Dlog4j2.configurationFile=${join(sourceFolder(jars), 'log4j2.properties')}`,
  ];
  if (!existsSync(prepared)) {
    await timed(progress, 'Preparing Kafka for quick starts, once', () => prepare(java, common, prepared));
  }
  return {
    java,
    arguments: [
      ...brokerFlags,
      `-XX:SharedArchiveFile=${join(prepared, archive)}`,
      '-Xshare:auto',
      '-Xlog:cds=off',
      ...common,
      'kafka.Kafka',
    ],
    format: (logFolder) => cpSync(join(prepared, 'formatted'), logFolder, { recursive: true, errorOnExist: false }),
  };
}

const archive = 'classes.jsa';
const brokerFlags = [
  ...['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss512k'],
  ...['-XX:MaxDirectMemorySize=64m', '-XX:ReservedCodeCacheSize=64m', '-Djava.awt.headless=true'],
];

/**
 * Formats an empty data folder with Kafka's own tool, and lets a broker run once to write an archive of its loaded classes,
 * which halves the time of every later start.
 */
async function prepare(java: string, common: string[], prepared: string): Promise<void> {
  mkdirSync(cacheFolder(), { recursive: true });
  const fresh = mkdtempSync(`${prepared}.new-`);
  const trial = mkdtempSync(join(tmpdir(), 'ineedthatfast-kafka-trial-'));
  try {
    const place = { port: await freePort(), controllerPort: await freePort(), logFolder: join(trial, 'log') };
    const properties = join(trial, 'server.properties');
    writeFileSync(properties, kafkaProperties(place));
    await promisify(execFile)(java, [
      ...common,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      properties,
    ]);
    cpSync(place.logFolder, join(fresh, 'formatted'), { recursive: true });
    await trialRun(
      java,
      [...brokerFlags, `-XX:ArchiveClassesAtExit=${join(fresh, archive)}`, ...common, 'kafka.Kafka', properties],
      {
        trial,
        port: place.port,
      },
    );
    if (!existsSync(prepared)) renameSync(fresh, prepared);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(trial, { recursive: true, force: true });
  }
}

async function trialRun(java: string, args: string[], { trial, port }: { trial: string; port: number }): Promise<void> {
  const broker = ServerProcess.spawn({
    name: 'Kafka',
    command: java,
    arguments: args,
    logFile: join(trial, 'broker.log'),
    identityFile: join(trial, 'broker.pid.json'),
  });
  await broker.untilReady(() => isServing(`127.0.0.1:${port}`), { timeout: 120_000 });
  await broker.end('SIGTERM', 60_000);
}
