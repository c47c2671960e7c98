import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebhookRequest } from '#channels/channel';
import { Hooks } from './hooks.js';

type Door = WebhookRequest['door'];
const NOT_FOUND = 'There is no such sender here.\n';

/** Carriers' calls. What a sender says is decided by its channel; this only carries bytes in and out. */
@Controller('hooks')
export class HooksController {
  constructor(private readonly hooks: Hooks) {}

  @Post(':sender')
  any(
    @Param('sender') sender: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.take(sender, 'any', request, reply);
  }

  @Post(':sender/:door')
  door(
    @Param('sender') sender: string,
    @Param('door') door: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const known = door === 'inbound' || door === 'status' ? door : undefined;
    return this.take(known ? sender : '', known ?? 'any', request, reply);
  }

  private async take(
    sender: string,
    door: Door,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const channel = this.hooks.channel(sender);
    if (!channel) {
      void reply.code(404).type('text/plain; charset=utf-8').send(NOT_FOUND);
      return;
    }
    const answer = await this.hooks.receive(channel, this.webhookOf(door, request));
    void reply.code(answer.status).type(answer.contentType).send(answer.body);
  }

  /** The address that was signed is the public one: what a proxy or a caller puts into Host is not asked. */
  private webhookOf(door: Door, request: FastifyRequest): WebhookRequest {
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(request.headers)) {
      headers[name] = Array.isArray(value) ? value[0] : value;
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return { method: request.method, door, url: this.hooks.publicUrl + request.url, headers, body };
  }
}
