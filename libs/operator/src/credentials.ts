import { timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { Verb_Role } from '#libs/contracts';
import { type Credential, hashOfToken, readCredentials } from './credentials-file.js';

/** Who calls. */
export interface Operator {
  readonly name: string;
  readonly role: Verb_Role.VIEWER | Verb_Role.OPERATOR;
}

/**
 * The operators that a file names. It is looked at on every call and read again when it changed: a revoked token is
 * refused at once. A file that cannot be read admits nobody.
 */
export class Credentials {
  private version = '';
  private known: readonly Credential[] = [];

  constructor(
    private readonly file: string,
    private readonly onProblem: (error: unknown) => void,
  ) {}

  /** The operator whose token this is, unless it has expired. Takes the same time for every token. */
  find(token: string, now = Date.now()): Operator | undefined {
    this.readAgain();
    const hash = Buffer.from(hashOfToken(token));
    const matching = this.known.filter(({ tokenSha256 }) => timingSafeEqual(Buffer.from(tokenSha256), hash));
    const [found] = matching;
    if (!found || (found.expireTime && Date.parse(found.expireTime) <= now)) return undefined;
    return { name: found.name, role: found.role === 'operator' ? Verb_Role.OPERATOR : Verb_Role.VIEWER };
  }

  private readAgain(): void {
    const version = versionOf(this.file);
    if (version === this.version) return;
    this.version = version;
    try {
      this.known = readCredentials(this.file);
    } catch (error) {
      // Who wrote it may have meant to revoke somebody: no one is admitted until it can be read.
      this.known = [];
      this.onProblem(error);
    }
  }
}

function versionOf(file: string): string {
  const state = statSync(file, { bigint: true, throwIfNoEntry: false });
  return state ? `${state.ino} ${state.mtimeNs} ${state.size}` : 'none';
}
