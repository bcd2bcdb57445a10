import { Injectable } from '@nestjs/common';
import { Readiness } from '#libs/service';
import { DeletionProcess } from './deletion.process.js';

/** A release that cannot finish the deletions that are open wants no requests. */
@Injectable()
export class DeletionReadiness {
  constructor({ saga }: DeletionProcess, readiness: Readiness) {
    readiness.add('sagas', async () => {
      readiness.note('sagas', await saga.notice());
      return saga.problem();
    });
  }
}
