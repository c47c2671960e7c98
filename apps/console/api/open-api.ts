import { z } from 'zod';

/** A shape as OpenAPI describes it; dates are strings on the wire. */
export function openApi(shape: z.ZodType): object {
  return z.toJSONSchema(shape, {
    io: 'input',
    target: 'openapi-3.0',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type !== 'date') return;
      jsonSchema.type = 'string';
      jsonSchema.format = 'date-time';
    },
  });
}
