import { z } from 'zod';

/**
 * What the gateway tells about its APIs at /openapi.json and /docs. Nothing unless it is made public: an API's shape is
 * its owner's to show.
 */
export const reference = z
  .strictObject({
    public: z.boolean().or(z.stringbool()).default(false),
    title: z.string().min(1).default('API'),
    version: z.string().min(1).default('1'),
    description: z.string().optional(),
    license: z.strictObject({ name: z.string().min(1), identifier: z.string().min(1) }).optional(),
  })
  .prefault({});

export type ReferenceConfig = z.output<typeof reference>;
