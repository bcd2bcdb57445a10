import fc from 'fast-check';
import { begin, isOver, next, type SagaDecision, type SagaMessage } from '#libs/saga';
import { placeOrderSaga } from './place-order.saga.js';

/** Inventory and payments as they promise to be: idempotent, and closed for an order once it was released or voided. */
class Participants {
  stock: 'none' | 'reserved' | 'held' | 'claimed' | 'closed' = 'none';
  payment: 'none' | 'authorized' | 'captured' | 'closed' = 'none';
  constructor(private readonly script: { outOfStock: boolean; declined: boolean }) {}

  /** The reservation's time is over. */
  expire(): void {
    if (this.stock === 'reserved') this.stock = 'closed';
  }

  receive(command: string): string {
    switch (command) {
      case 'inventory.ReserveStock.v1':
        if (this.stock === 'none' && !this.script.outOfStock) this.stock = 'reserved';
        return this.stock === 'none' || this.stock === 'closed' ? 'StockReservationRejected' : 'StockReserved';
      case 'inventory.HoldStock.v1':
        if (this.stock === 'reserved') this.stock = 'held';
        return this.stock === 'closed' ? 'StockHoldRejected' : 'StockHeld';
      case 'inventory.ClaimStock.v1':
        if (this.stock !== 'held' && this.stock !== 'claimed') throw new Error(`claimed ${this.stock} stock`);
        this.stock = 'claimed';
        return 'StockClaimed';
      case 'inventory.ReleaseStock.v1':
        if (this.stock === 'claimed') throw new Error('released claimed stock');
        this.stock = 'closed';
        return 'StockReleased';
      case 'payments.AuthorizePayment.v1':
        if (this.payment === 'none' && !this.script.declined) this.payment = 'authorized';
        return this.payment === 'none' || this.payment === 'closed'
          ? 'PaymentAuthorizationRejected'
          : 'PaymentAuthorized';
      case 'payments.CapturePayment.v1':
        if (this.payment !== 'authorized' && this.payment !== 'captured') throw new Error(`captured ${this.payment}`);
        this.payment = 'captured';
        return 'PaymentCaptured';
      case 'payments.VoidPayment.v1':
        if (this.payment === 'captured') throw new Error('voided a captured payment');
        this.payment = 'closed';
        return 'PaymentVoided';
      default:
        throw new Error(`nobody receives ${command}`);
    }
  }
}

/** One order in a network that delays, repeats and re-orders as `choices` say, and delivers everything in the end. */
class World {
  readonly participants: Participants;
  readonly moves: SagaDecision[] = [];
  private decision = begin(placeOrderSaga);
  private readonly wire: ({ command: string } | { reply: string })[] = [];

  constructor(script: { outOfStock: boolean; declined: boolean }) {
    this.participants = new Participants(script);
    this.take(this.decision);
  }

  get state() {
    return this.decision.state;
  }

  run(choices: readonly number[]): void {
    for (const choice of choices) this.step(choice);
    while (this.wire.length > 0) this.deliver(0, false);
  }

  private step(choice: number): void {
    const what = choice % 20;
    if (what === 0) this.tell({ kind: 'deadline' });
    else if (what === 1) this.tell({ kind: 'cancel' });
    else if (what === 2) this.participants.expire();
    else if (this.wire.length > 0) this.deliver(Math.floor(choice / 20) % this.wire.length, what < 8);
  }

  private deliver(at: number, again: boolean): void {
    const message = this.wire[at];
    if (!again) this.wire.splice(at, 1);
    if (!message) return;
    if ('reply' in message) this.tell({ kind: 'reply', type: message.reply, reason: 'REFUSED' });
    else {
      const owner = message.command.split('.')[0];
      this.wire.push({ reply: `${owner}.${this.participants.receive(message.command)}.v1` });
    }
  }

  private tell(message: SagaMessage): void {
    const before = this.decision.state;
    const decision = next(placeOrderSaga, before, message);
    if (isOver(before) && decision.verdict === 'moved') throw new Error('moved after its end');
    if (decision.verdict === 'moved') this.take(decision);
  }

  /** At the end, not some time after it. */
  private assertClean(): void {
    const { stock, payment } = this.participants;
    const clean =
      this.state.phase === 'completed'
        ? stock === 'claimed' && payment === 'captured'
        : ['none', 'closed'].includes(stock) && ['none', 'closed'].includes(payment);
    if (!clean) throw new Error(`${this.state.phase} with stock ${stock} and payment ${payment}`);
  }

  private take(decision: SagaDecision): void {
    this.decision = decision;
    this.moves.push(decision);
    if (isOver(decision.state)) this.assertClean();
    for (const command of decision.commands) this.wire.push({ command });
  }
}

const script = fc.record({
  outOfStock: fc.boolean(),
  declined: fc.boolean(),
});
const choices = fc.array(fc.nat({ max: 100_000 }), { maxLength: 80 });

describe('place-order under any network', () => {
  it('ends, with the money taken and the stock claimed or with nothing held at all', () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(script, choices, (chosen, events) => {
        const world = new World(chosen);
        world.run(events);
        const { stock, payment } = world.participants;
        expect(isOver(world.state)).toBe(true);
        if (world.state.phase === 'completed') expect([stock, payment]).toEqual(['claimed', 'captured']);
        else {
          expect(['none', 'closed']).toContain(stock);
          expect(['none', 'closed']).toContain(payment);
        }
        const end = world.state.phase === 'compensated' ? world.state.cause.kind : world.state.phase;
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }),
      { numRuns: 5000 },
    );
    // The property would be empty if the network never let an order through.
    expect([...ends.keys()].sort()).toEqual(['cancelled', 'completed', 'deadline', 'refused']);
  });

  it('never writes a capture and a void for one order, nor any command twice', () => {
    fc.assert(
      fc.property(script, choices, (chosen, events) => {
        const world = new World(chosen);
        world.run(events);
        const sent = world.moves.flatMap((move) => move.commands);
        expect(new Set(sent).size).toBe(sent.length);
        expect(sent.includes('payments.CapturePayment.v1') && sent.includes('payments.VoidPayment.v1')).toBe(false);
        expect(sent.includes('payments.CapturePayment.v1') && sent.includes('inventory.ReleaseStock.v1')).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('forgets the payment method as soon as its last user was told or the order turns back', () => {
    fc.assert(
      fc.property(script, choices, (chosen, events) => {
        const world = new World(chosen);
        world.run(events);
        const authorized = world.moves.findIndex((move) => move.commands.includes('payments.AuthorizePayment.v1'));
        const last = authorized >= 0 ? authorized : world.moves.findIndex((move) => move.state.phase !== 'running');
        expect(world.moves[last]?.forget).toContain('paymentMethod');
      }),
      { numRuns: 1000 },
    );
  });
});
