import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { UsersStore } from '../../accounts/users.store.js';
import { Passwords } from '../../passwords/passwords.js';
import { DemoAccess } from '../demo-access.js';

@Injectable()
export class Credentials {
  constructor(
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly demo: DemoAccess,
  ) {}

  /** The user whose password this is. WRONG_CREDENTIALS, after the same work, for an unknown account and for a wrong password. */
  async check(email: string, password: string) {
    const user = await this.users.findCredentials(email);
    const matches = await this.passwords.verify(user?.passwordHash, password);
    if (!user || !matches || !this.demo.admits(user)) throw new DomainError('WRONG_CREDENTIALS');
    return user;
  }
}
