import { z } from 'zod';
import { serviceEnvironment } from '#libs/service';

export const usersEnvironment = serviceEnvironment.extend({
  TOKEN_ISSUER: z
    .url('is not a URL')
    .default('https://users.ineedthatfast.example')
    .describe('the URL that access tokens name as their issuer (iss)'),
  TOKEN_AUDIENCE: z
    .string()
    .default('ineedthatfast')
    .describe('the API that access tokens are for (aud), e.g. ineedthatfast'),
});

export type UsersConfig = z.output<typeof usersEnvironment>;
