import { ProblemError } from './problem.js';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** What the API answers to a sign-in and to a refresh. */
export interface NewTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface SessionOptions {
  /** Of an earlier run, as `onTokens` gave them. */
  readonly tokens?: Tokens;
  /** Called with each new pair, and with undefined after a sign-out: a place to store them. */
  readonly onTokens?: (tokens: Tokens | undefined) => void;
  /** Called when the session has ended and the user has to sign in again. */
  readonly onSignOut?: (reason: ProblemError) => void;
}

// A token that expires on its way is refused.
const MARGIN_MS = 10_000;

/**
 * The tokens of the signed-in user. A refresh token can be used once: however many calls need a new access token at the
 * same time, one refresh is asked for.
 */
export class Session {
  private tokens: Tokens | undefined;
  private owner: object = {};
  private refreshing: Promise<string | undefined> | undefined;

  constructor(
    private readonly options: SessionOptions,
    private readonly refresh: (refreshToken: string) => Promise<NewTokens>,
  ) {
    this.tokens = options.tokens;
  }

  get isSignedIn(): boolean {
    return this.tokens !== undefined;
  }

  /** Whose session it is: another object after each sign-in and sign-out, the same one after a renewal. */
  get user(): object {
    return this.owner;
  }

  start(fresh: NewTokens): void {
    this.handOver();
    this.keep(tokensOf(fresh));
  }

  /** Forgets the tokens. */
  end(): void {
    this.handOver();
    this.keep(undefined);
  }

  /** A token that is valid for some time yet; undefined when this user is not signed in any more. */
  async accessToken(user: object): Promise<string | undefined> {
    const tokens = this.tokensFor(user);
    if (!tokens || tokens.expiresAt - MARGIN_MS > Date.now()) return tokens?.accessToken;
    return this.renew(tokens.accessToken, user);
  }

  /** Another token than the one that was refused; undefined when this user is not signed in any more. */
  renew(refused: string, user: object): Promise<string | undefined> {
    const tokens = this.tokensFor(user);
    if (!tokens || tokens.accessToken !== refused) return Promise.resolve(tokens?.accessToken);
    this.refreshing ??= this.ask(tokens);
    return this.refreshing;
  }

  /** What was begun for one user must not be done as another one who has signed in meanwhile. */
  private tokensFor(user: object): Tokens | undefined {
    return user === this.owner ? this.tokens : undefined;
  }

  private handOver(): void {
    this.owner = {};
    this.refreshing = undefined;
  }

  private async ask(tokens: Tokens): Promise<string | undefined> {
    const { owner } = this;
    try {
      const fresh = await this.refresh(tokens.refreshToken);
      // Who has signed out or in as somebody else meanwhile is not signed in again.
      if (this.tokens !== tokens) return undefined;
      this.keep(tokensOf(fresh));
      return fresh.accessToken;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
      if (this.tokens === tokens) {
        this.end();
        this.options.onSignOut?.(error);
      }
      return undefined;
    } finally {
      if (this.owner === owner) this.refreshing = undefined;
    }
  }

  private keep(tokens: Tokens | undefined): void {
    this.tokens = tokens;
    this.options.onTokens?.(tokens);
  }
}

function tokensOf({ accessToken, refreshToken, expiresIn }: NewTokens): Tokens {
  return { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1000 };
}
