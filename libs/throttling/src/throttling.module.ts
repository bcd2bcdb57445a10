import { type DynamicModule, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { BucketStorage, createBuckets } from './bucket-storage.js';

@Module({})
class ThrottlingModule {}

/**
 * The storage behind PolicyThrottlerGuard; the app provides its own subclass of the guard as APP_GUARD. `redisUrl`: a
 * Redis or Valkey that all replicas share; without it each process counts alone.
 */
export function throttlingModule({ redisUrl }: { redisUrl: string | undefined }): DynamicModule {
  const storage = new BucketStorage(createBuckets(redisUrl));
  return {
    module: ThrottlingModule,
    // The guard takes its limits from policies; the module asks for one entry all the same.
    imports: [ThrottlerModule.forRoot({ throttlers: [{ limit: 1, ttl: 1000 }], storage })],
    providers: [{ provide: BucketStorage, useValue: storage }],
  };
}
