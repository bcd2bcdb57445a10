import { z } from 'zod';
import { grpcAddress, serviceEnvironment } from '#libs/service';

export const usersEnvironment = serviceEnvironment.safeExtend({
  TOKEN_ISSUER: z
    .url('is not a URL')
    .default('https://users.ineedthatfast.example')
    .describe('the URL that access tokens name as their issuer (iss)'),
  TOKEN_AUDIENCE: z
    .string()
    .default('ineedthatfast')
    .describe('the API that access tokens are for (aud), e.g. ineedthatfast'),
  ORDERS_ADDRESS: grpcAddress.describe(
    'host:port of the gRPC server of orders, e.g. 127.0.0.1:50053; replicas separated by commas',
  ),
  PAYMENTS_ADDRESS: grpcAddress.describe(
    'host:port of the gRPC server of payments, e.g. 127.0.0.1:50054; replicas separated by commas',
  ),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'is not an smtp:// or smtps:// URL' })
    .optional()
    .describe(
      'smtp://user:password@host:port of the server that takes mails; without it, DEMO_MODE=true shows them at /mailbox of OPS_LISTEN',
    ),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*<?[^\s<>@]+@[^\s<>@]+>?$/, 'is not a mail address')
    .default('INeedThatFast <no-reply@ineedthatfast.example>')
    .describe('the sender of mails, e.g. Shop <shop@example.com>'),
});

export type UsersConfig = z.output<typeof usersEnvironment>;
