import { type DynamicModule, Module } from '@nestjs/common';
import { Database, DatabaseModule, missingMigrations } from '#libs/database';
import { Readiness } from '#libs/service';
import { Book } from './book.store.js';
import { HealthController } from './health.controller.js';
import { KeyedCalls } from './keyed-calls.js';
import { PaymentIntentsController } from './payment-intents.controller.js';
import { PaymentIntents } from './payment-intents.js';
import { RefundsController } from './refunds.controller.js';
import { Refunds } from './refunds.js';

const APP_FOLDER = 'apps/payment-simulator';

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class SimulatorModule {
  static forRoot(databaseUrl: string): DynamicModule {
    return {
      module: SimulatorModule,
      imports: [DatabaseModule.forRoot({ url: databaseUrl, applicationName: 'payment-simulator' })],
      controllers: [PaymentIntentsController, RefundsController, HealthController],
      providers: [
        Book,
        KeyedCalls,
        PaymentIntents,
        Refunds,
        { provide: Readiness, inject: [Database], useFactory: readiness },
      ],
    };
  }
}

function readiness(database: Database): Readiness {
  const readiness = new Readiness();
  readiness.add('database', async () => {
    const missing = await missingMigrations(database, APP_FOLDER);
    return missing.length > 0 ? `migrations are missing: ${missing.join(', ')}` : undefined;
  });
  readiness.started();
  return readiness;
}
