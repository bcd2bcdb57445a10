import { DomainError } from '#libs/errors';
import { CallerSession } from './caller-session.js';
import { EndedSessions } from './ended-sessions.js';

const later = () => new Date(Date.now() + 60_000);
const codeOf = (work: () => void) => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : error;
  }
};

describe('ended sessions', () => {
  it('know nothing until they are told everything once', () => {
    const ended = new EndedSessions();
    expect(ended.ageMs).toBe(Number.POSITIVE_INFINITY);
    ended.add('s1', later());
    expect(ended.ageMs).toBe(Number.POSITIVE_INFINITY);
    ended.toldUntil(new Date(Date.now() - 2_000));
    expect(ended.ageMs).toBeGreaterThanOrEqual(2_000);
    expect(ended.ageMs).toBeLessThan(10_000);
  });

  it('do not get older by an older answer, nor younger than now by a clock that is ahead', () => {
    const ended = new EndedSessions();
    ended.toldUntil(later());
    expect(ended.ageMs).toBeGreaterThanOrEqual(0);
    ended.toldUntil(new Date(0));
    expect(ended.ageMs).toBeLessThan(10_000);
  });

  it('are forgotten when no token of theirs can be valid, and not before', () => {
    const ended = new EndedSessions();
    ended.add('old', new Date(Date.now() - 1));
    ended.add('young', later());
    expect(ended.has('old')).toBe(true);
    ended.toldUntil(new Date());
    expect([ended.has('old'), ended.has('young'), ended.size]).toEqual([false, true, 1]);
  });

  it('call those who watch a session, once, and nobody who has stopped', () => {
    const ended = new EndedSessions();
    const told: string[] = [];
    ended.onEnd('s1', () => told.push('first'));
    ended.onEnd('s1', () => told.push('second'))();
    ended.onEnd('s2', () => told.push('other'));
    ended.add('s1', later());
    ended.add('s1', later());
    expect(told).toEqual(['first']);
    ended.onEnd('s1', () => told.push('late'));
    expect(told).toEqual(['first', 'late']);
  });
});

describe('the session of a caller', () => {
  const BOUND = 60_000;

  it('cannot be judged before the feed has told anything', () => {
    const session = new CallerSession('s1', new EndedSessions(), BOUND);
    expect(codeOf(() => session.check())).toBe('SESSIONS_UNKNOWN');
  });

  it('is refused once it has ended, however old the feed is', () => {
    const ended = new EndedSessions();
    ended.toldUntil(new Date(Date.now() - 10 * BOUND));
    const session = new CallerSession('s1', ended, BOUND);
    expect(codeOf(() => session.check())).toBeUndefined();
    ended.add('s1', later());
    expect(codeOf(() => session.check())).toBe('UNAUTHENTICATED');
  });

  it('is fresh as long as the feed is no older than the bound', () => {
    const ended = new EndedSessions();
    const session = new CallerSession('s1', ended, BOUND);
    ended.toldUntil(new Date(Date.now() - BOUND - 1_000));
    expect(codeOf(() => session.checkFresh())).toBe('SESSIONS_UNKNOWN');
    ended.toldUntil(new Date(Date.now() - BOUND + 10_000));
    expect(codeOf(() => session.checkFresh())).toBeUndefined();
  });
});
