import type { LoggerService } from '@nestjs/common';
import type { MessagingHealth } from './health.js';
import { KafkaRefusedError } from './kafka/refusal.js';

/** sysexits.h, EX_CONFIG: starting again will not help until somebody changes the configuration. */
const EX_CONFIG = 78;

export interface RefusalsParts {
  readonly health: MessagingHealth;
  readonly logger: LoggerService;
  /** Ends the process, with this exit code. */
  readonly end: (error: KafkaRefusedError, exitCode: number) => void;
}

/**
 * What Kafka refuses is no outage that passes by itself. Operators are told once, in words that say what to do, and the
 * service is not ready meanwhile.
 *
 * A right that is missing is asked for again and again: the migrate job can grant it while we run. A password that is not
 * taken ends the process, since it is read once, at boot: with 78 when Kafka never took it, and with 1 later, so that the
 * next process reads it anew.
 */
export class Refusals {
  private readonly standing = new Map<string, string>();
  private known = false;
  private ended = false;

  constructor(private readonly parts: RefusalsParts) {}

  /** Whether the error, at doing `what`, was a refusal; then it has been told. */
  noticed(what: string, error: unknown): boolean {
    if (!(error instanceof KafkaRefusedError)) return false;
    if (error.because === 'credentials') this.end(error);
    else this.tell(what, error.message);
    return true;
  }

  /** Kafka took our password. */
  accepted(): void {
    this.known = true;
  }

  /** Doing `what` succeeded. */
  over(what: string): void {
    if (!this.standing.delete(what)) return;
    this.parts.health.allow(what);
    this.parts.logger.log(`Kafka refuses the ${what} no longer`);
  }

  private tell(what: string, message: string): void {
    if (this.standing.get(what) === message) return;
    this.standing.set(what, message);
    this.parts.health.refuse(what, message);
    this.parts.logger.error(message);
  }

  private end(error: KafkaRefusedError): void {
    if (this.ended) return;
    this.ended = true;
    this.parts.health.breakDown(error.message);
    this.parts.logger.error(error.message);
    this.parts.end(error, this.known ? 1 : EX_CONFIG);
  }
}
