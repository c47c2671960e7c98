import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { AppError } from '#kernel/errors';
import { SandboxParts } from '../parts.js';
import { readNumber } from './number.js';
import type { Phone } from './phone.js';
import { messageJson, phoneJson, type MessageJson, type PhoneJson } from './phone-json.js';

const pageSchema = z.object({
  search: z.string().optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
const replySchema = z.object({
  text: z.string().min(1).max(7000),
  channel: z.enum(['sms', 'viber']).optional(),
});
const pressSchema = z.object({ messageId: z.string(), reply: z.string() });
const viberSchema = z.object({ context: z.string().optional() });
const numberSchema = z.object({ number: z.string() });

/** The phones, for tests and for the page. Numbers in addresses with or without the plus. */
@Controller('api/phones')
export class PhonesController {
  constructor(private readonly parts: SandboxParts) {}

  /** Recent first. */
  @Get()
  list(@Query() query: unknown): { total: number; phones: PhoneJson[] } {
    const { search, offset, limit } = read(pageSchema, query);
    const found = this.parts.phones.list({ offset, limit, ...(search === undefined ? {} : { search }) });
    return { total: found.total, phones: found.phones.map(phoneJson) };
  }

  @Post()
  create(@Body() body: unknown): PhoneJson {
    return phoneJson(this.parts.phones.obtain(numberOf(read(numberSchema, body).number)));
  }

  @Get(':number')
  phone(@Param('number') number: string): PhoneJson {
    return phoneJson(this.find(number));
  }

  /** Both directions, oldest first. */
  @Get(':number/messages')
  messages(@Param('number') number: string): { phone: PhoneJson; messages: MessageJson[] } {
    const phone = this.find(number);
    return { phone: phoneJson(phone), messages: phone.bubbles.map(messageJson) };
  }

  @Post(':number/reply')
  @HttpCode(200)
  async reply(@Param('number') number: string, @Body() body: unknown): Promise<{ messages: MessageJson[] }> {
    const { text, channel } = read(replySchema, body);
    return this.during(this.parts.phones.obtain(numberOf(number)), (phone) =>
      this.parts.handset.reply(phone, text, channel),
    );
  }

  @Post(':number/press')
  @HttpCode(200)
  async press(
    @Param('number') number: string,
    @Body() body: unknown,
  ): Promise<{ messages: MessageJson[]; open?: string }> {
    const { messageId, reply } = read(pressSchema, body);
    let open: string | undefined;
    const result = await this.during(this.find(number), async (phone) => {
      open = await this.parts.handset.press(phone, messageId, reply);
    });
    return open === undefined ? result : { ...result, open };
  }

  /** Opens the chat with the bot, as a tap on `viber://pa?…&context=…` does. */
  @Post(':number/viber')
  @HttpCode(200)
  async viber(@Param('number') number: string, @Body() body: unknown): Promise<{ messages: MessageJson[] }> {
    const { context } = read(viberSchema, body ?? {});
    return this.during(this.parts.phones.obtain(numberOf(number)), async (phone) => {
      await this.parts.handset.openViber(phone, context);
    });
  }

  @Post(':number/viber/subscribe')
  @HttpCode(200)
  async subscribe(@Param('number') number: string): Promise<{ messages: MessageJson[] }> {
    return this.during(this.find(number), (phone) => this.parts.handset.subscribeViber(phone));
  }

  @Post(':number/viber/unsubscribe')
  @HttpCode(200)
  async unsubscribe(@Param('number') number: string): Promise<{ messages: MessageJson[] }> {
    return this.during(this.find(number), (phone) => this.parts.handset.unsubscribeViber(phone));
  }

  @Post(':number/look')
  @HttpCode(200)
  async look(@Param('number') number: string): Promise<PhoneJson> {
    const phone = this.find(number);
    await this.parts.handset.look(phone);
    return phoneJson(phone);
  }

  /** What appeared on the phone while the person acted. */
  private async during(
    phone: Phone,
    act: (phone: Phone) => Promise<void>,
  ): Promise<{ messages: MessageJson[] }> {
    const before = new Set(phone.bubbles);
    await act(phone);
    return { messages: phone.bubbles.filter((bubble) => !before.has(bubble)).map(messageJson) };
  }

  private find(number: string): Phone {
    return this.parts.handset.phone(numberOf(number));
  }
}

/** Reads a request; throws AppError `request_invalid` that names the fields. */
export function read<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new AppError('request_invalid', `The request is not understood: ${problems.join('; ')}`, {
    details: problems,
  });
}

export function numberOf(text: string): string {
  const number = readNumber(text);
  if (number !== undefined) return number;
  throw new AppError('number_invalid', 'That is no phone number: write it like +380500000001.');
}
