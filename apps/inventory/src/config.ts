import type { z } from 'zod';
import { serviceEnvironment } from '#libs/service';

/** Inventory reads what every service reads, and nothing else. */
export const inventoryEnvironment = serviceEnvironment;

export type InventoryConfig = z.output<typeof inventoryEnvironment>;
