/** Demo accounts have a password that everybody knows: they get in while demo mode is on, and not otherwise. */
export class DemoAccess {
  constructor(private readonly allowed: boolean) {}

  admits(user: { readonly demo: boolean }): boolean {
    return !user.demo || this.allowed;
  }
}
