import { EndedSessions, Users } from '#libs/contracts';
import { type TestService, testService } from '#libs/testing';
import { usersEnvironment } from '../src/config.js';
import { UsersModule } from '../src/users.module.js';

/** Nobody listens at these: for tests that ask nobody. */
const NOBODY = { ORDERS_ADDRESS: '127.0.0.1:1', PAYMENTS_ADDRESS: '127.0.0.1:1' };

/** The users service as it runs in production. */
export function startUsers(env: Readonly<Record<string, string>> = {}): Promise<TestService> {
  return testService({
    name: 'users',
    services: [Users, EndedSessions],
    environment: usersEnvironment,
    module: (config) => UsersModule.forRoot(config),
    env: { ...NOBODY, ...env },
  });
}
