import { EndedSessions, Users } from '#libs/contracts';
import { loadConfig, runService } from '#libs/service';
import { usersEnvironment } from './config.js';
import { UsersModule } from './users.module.js';

const config = loadConfig(usersEnvironment);

await runService({ name: 'users', module: UsersModule.forRoot(config), services: [Users, EndedSessions], config });
