import type { z } from 'zod';
import { httpUrl, serviceEnvironment } from '#libs/service';

export const paymentsEnvironment = serviceEnvironment.safeExtend({
  PROVIDER_URL: httpUrl.describe('http(s) address of the payment provider, e.g. http://127.0.0.1:9110'),
});

export type PaymentsConfig = z.output<typeof paymentsEnvironment>;
