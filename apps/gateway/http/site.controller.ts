import { Controller, Get, NotFoundException, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayMetrics } from '../metrics.js';

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

/** What programs ask of any site. */
@Controller()
export class SiteController {
  constructor(private readonly metrics: GatewayMetrics) {}

  @Get('robots.txt')
  robots(@Res() reply: FastifyReply): void {
    void reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n');
  }

  @Get('favicon.ico')
  icon(@Res() reply: FastifyReply): void {
    void reply.code(204).send();
  }

  /** For a collector on this machine: whoever comes through a proxy or from outside finds no such page. */
  @Get('metrics')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const forwarded =
      request.headers['x-forwarded-for'] ?? request.headers['forwarded'] ?? request.headers['via'];
    if (forwarded !== undefined || !LOOPBACK.test(request.socket.remoteAddress ?? ''))
      throw new NotFoundException();
    void reply.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}
