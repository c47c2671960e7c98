import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, Unrecorded } from '#access/access.guard';
import { FIELD_NAMES } from '#rendering/fields';
import { previewMessage, type Preview } from '#rendering/preview';
import { openApi } from '../api/open-api.js';

export const PUBLIC_URL = 'vidhuk:public-url';

const fieldValue = z.string().max(300);

export const previewRequest = z.strictObject({
  source: z.string().max(4000).describe('Handlebars text of a message'),
  role: z.enum(['invite', 'reminder', 'thanks']).default('invite'),
  channel: z.enum(['sms', 'viber']).default('sms'),
  locale: z
    .string()
    .regex(/^[a-z]{2}$/, 'a locale is two small letters')
    .default('uk'),
  maxParts: z.int().min(1).max(10).optional().describe('SMS parts allowed with the longest values'),
  values: z
    .partialRecord(z.enum(FIELD_NAMES as [string, ...string[]]), fieldValue)
    .optional()
    .describe('sample values; usual ones for those left out'),
});

const text = z
  .object({
    text: z.string(),
    encoding: z.enum(['GSM-7', 'UCS-2']),
    units: z.int().describe('septets in GSM-7, UTF-16 code units in UCS-2'),
    parts: z.int().describe('SMS parts the carrier bills'),
    costly: z.array(z.string()).describe('characters that forced UCS-2, in order'),
  })
  .nullable();

const previewAnswer = z.object({
  problems: z.array(z.object({ line: z.int(), column: z.int(), problem: z.string() })),
  typical: text,
  worst: text,
});

/** What a message text will look like and cost, before it goes into a pack. */
@ApiTags('set-up')
@ApiBearerAuth()
@Allow('admin')
@Controller('api/v1/templates')
export class PreviewController {
  constructor(@Inject(PUBLIC_URL) private readonly publicUrl: { readonly value: string | undefined }) {}

  @ApiOperation({
    summary: 'Render a message text with sample values and with the longest ones; nothing is stored',
    description: 'Problems are those that keep a pack from being applied, with line and column.',
  })
  @ApiBody({ schema: openApi(previewRequest) })
  @ApiOkResponse({ schema: openApi(previewAnswer) })
  @Unrecorded('renders a text and stores nothing')
  @Post('preview')
  @HttpCode(200)
  preview(@Body({ schema: previewRequest }) { source, maxParts, values, ...wanted }: z.output<typeof previewRequest>): Preview {
    return previewMessage(source, {
      ...wanted,
      ...(maxParts !== undefined && { maxParts }),
      ...(values && { values }),
      publicUrl: this.publicUrl.value,
    });
  } // prettier-ignore
}
