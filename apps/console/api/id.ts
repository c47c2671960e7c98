import { z } from 'zod';

/** A bigint id in an address. */
export const idParam = z.string().regex(/^[1-9]\d{0,17}$/, 'is not an id');
