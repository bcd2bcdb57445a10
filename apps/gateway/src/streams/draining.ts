/**
 * The gateway is going down: first this is announced, to balancers by its readiness and to clients with each answer; then it
 * begins, and what stays open by itself ends, streams and answers that are waited for.
 */
export class Draining {
  private readonly controller = new AbortController();
  private announced = false;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get isAnnounced(): boolean {
    return this.announced;
  }

  announce(): void {
    this.announced = true;
  }

  begin(): void {
    this.announced = true;
    this.controller.abort();
  }
}
