import {
  answerOf,
  decideClaim,
  decideHold,
  decideRelease,
  IllegalMove,
  next,
  type Reservation,
  type ReservationMove,
  type ReservationState,
  TRANSITIONS,
} from './reservation.js';

const STATES = Object.keys(TRANSITIONS) as ReservationState[];
const MOVES: ReservationMove[] = ['hold', 'claim', 'release', 'expire'];
const expireTime = new Date('2026-01-01T00:10:00Z');
const reservation = (state: ReservationState, more: Partial<Reservation> = {}): Reservation => ({
  orderId: '7d1a4f0e-58e9-4f54-9a3f-7f1c27f6a001',
  state,
  due: false,
  expireTime,
  rejection: null,
  ...more,
});

/** Every state that can be reached from `state`. */
function reachable(state: ReservationState): Set<ReservationState> {
  const seen = new Set<ReservationState>();
  const visit = (from: ReservationState) => {
    for (const to of Object.values(TRANSITIONS[from])) {
      if (!seen.has(to)) {
        seen.add(to);
        visit(to);
      }
    }
  };
  visit(state);
  return seen;
}

describe('the states of a reservation', () => {
  it('throws on every move that the table does not have', () => {
    const illegal = STATES.flatMap((state) =>
      MOVES.filter((move) => !TRANSITIONS[state][move]).map((move) => [state, move] as const),
    );
    expect(illegal).toHaveLength(19);
    for (const [state, move] of illegal) expect(() => next(state, move)).toThrow(IllegalMove);
  });

  it('leads from ACTIVE over HELD to exactly one of CLAIMED, RELEASED and EXPIRED', () => {
    expect(reachable('ACTIVE')).toEqual(new Set(['HELD', 'CLAIMED', 'RELEASED', 'EXPIRED']));
    for (const end of ['CLAIMED', 'RELEASED', 'EXPIRED', 'REJECTED'] as const) expect(reachable(end).size).toBe(0);
  });

  it('never expires what is held, so that a claim always finds its units', () => {
    expect(reachable('HELD')).toEqual(new Set(['CLAIMED', 'RELEASED']));
  });
});

describe('HoldStock', () => {
  it('holds an active reservation', () => {
    expect(decideHold(reservation('ACTIVE'))).toEqual({ move: 'hold', granted: true });
  });

  it('expires one whose time has run out instead', () => {
    expect(decideHold(reservation('ACTIVE', { due: true }))).toEqual({ move: 'expire', granted: false });
  });

  it('says yes again without a move, whatever the clock says', () => {
    expect(decideHold(reservation('HELD', { due: true }))).toEqual({ granted: true });
    expect(decideHold(reservation('CLAIMED', { due: true }))).toEqual({ granted: true });
  });

  it.each(['RELEASED', 'EXPIRED', 'REJECTED'] as const)('refuses one that is %s', (state) => {
    expect(decideHold(reservation(state))).toEqual({ granted: false });
  });

  it('refuses where there is none', () => {
    expect(decideHold(undefined)).toEqual({ granted: false });
  });
});

describe('ClaimStock', () => {
  it('claims held units once', () => {
    expect(decideClaim(reservation('HELD'))).toEqual({ move: 'claim', granted: true });
    expect(decideClaim(reservation('CLAIMED'))).toEqual({ granted: true });
  });

  it.each(['ACTIVE', 'RELEASED', 'EXPIRED', 'REJECTED'] as const)('throws on one that is %s', (state) => {
    expect(() => decideClaim(reservation(state))).toThrow(IllegalMove);
  });

  it('throws where there is none', () => {
    expect(() => decideClaim(undefined)).toThrow('cannot claim a reservation that is absent');
  });
});

describe('ReleaseStock', () => {
  it.each(['ACTIVE', 'HELD'] as const)('gives back what is %s', (state) => {
    expect(decideRelease(reservation(state))).toEqual({ move: 'release', granted: true });
  });

  it.each(['RELEASED', 'EXPIRED', 'REJECTED'] as const)('leaves one that is %s alone', (state) => {
    expect(decideRelease(reservation(state))).toEqual({ granted: true });
  });

  it('throws where not even a tombstone was left', () => {
    expect(() => decideRelease(undefined)).toThrow(IllegalMove);
  });

  it('throws on sold units', () => {
    expect(() => decideRelease(reservation('CLAIMED'))).toThrow(IllegalMove);
  });
});

describe('a second ReserveStock of an order', () => {
  it.each(['ACTIVE', 'HELD', 'CLAIMED', 'EXPIRED'] as const)('gets the first answer when it is %s', (state) => {
    expect(answerOf(reservation(state))).toEqual({ expireTime });
  });

  it('gets the first refusal', () => {
    const rejection = { reason: 'OUT_OF_STOCK', sku: 'kettle' } as const;
    expect(answerOf(reservation('REJECTED', { rejection, expireTime: null }))).toEqual({ rejection });
  });

  it.each([expireTime, null])('is refused after a release', (time) => {
    expect(answerOf(reservation('RELEASED', { expireTime: time }))).toEqual({
      rejection: { reason: 'RELEASED', sku: '' },
    });
  });
});
