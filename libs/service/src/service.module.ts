import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { IdentityModule, PrincipalGuard, type VerifierOptions } from '#libs/identity';
import { AccessGuard } from './access.guard.js';
import { GrpcErrorsFilter } from './grpc-errors.filter.js';
import { Log } from './log.js';
import { OpsPages } from './ops-pages.js';
import { Readiness } from './readiness.js';
import { RequestValidation } from './validation.js';

export interface ServiceModuleOptions {
  readonly module: Type | DynamicModule;
  readonly log: Log;
  readonly readiness: Readiness;
  readonly pages: OpsPages;
  readonly identity: VerifierOptions;
}

/** `Log`, `Readiness` and `OpsPages` for every module of an app. */
@Module({})
class OperationsModule {}

/** What stands around the module of every service, in this order: who calls, whether they may, whether it is valid. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class ServiceModule {
  static forRoot({ module, log, readiness, pages, identity }: ServiceModuleOptions): DynamicModule {
    const operations = [
      { provide: Log, useValue: log },
      { provide: Readiness, useValue: readiness },
      { provide: OpsPages, useValue: pages },
    ];
    return {
      module: ServiceModule,
      imports: [
        { module: OperationsModule, global: true, providers: operations, exports: operations },
        IdentityModule.forService(identity),
        'module' in module ? module : { module },
      ],
      providers: [
        { provide: APP_GUARD, useExisting: PrincipalGuard },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: RequestValidation },
        { provide: APP_FILTER, useClass: GrpcErrorsFilter },
      ],
    };
  }
}
