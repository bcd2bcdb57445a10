import { type CreateSessionRequest, Services } from './gen/store.js';
import { Session, type SessionOptions } from './session.js';
import { Transport, type TransportOptions } from './transport.js';

export interface ClientOptions extends TransportOptions, SessionOptions {}

/**
 * The store's REST API: a method per operation, grouped by service. Works in browsers and in Node, by fetch alone. After
 * `signIn` calls are made as that user, with tokens that are renewed by themselves.
 */
export class StoreClient extends Services {
  private readonly session: Session;

  constructor(options: ClientOptions) {
    super(new Transport(options, () => this.session));
    this.session = new Session(options, (refreshToken) => this.users.refreshSession({ refreshToken }));
  }

  get isSignedIn(): boolean {
    return this.session.isSignedIn;
  }

  /** Signs in; a ProblemError WRONG_CREDENTIALS says that nobody is signed in now. */
  async signIn(credentials: CreateSessionRequest): Promise<void> {
    this.session.end();
    this.session.start(await this.users.createSession(credentials));
  }

  /** Ends the session, here and at the API. What the API says of it is thrown, but here it has ended anyway. */
  async signOut(): Promise<void> {
    try {
      if (this.session.isSignedIn) await this.users.endCurrentSession();
    } finally {
      this.session.end();
    }
  }
}
