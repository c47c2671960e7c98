import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AllowAnyone } from '#access/access.guard';
import { projectRoot } from '#config/project';
import { AppError } from '#kernel/errors';
import type { ConsoleReply } from '../http/request.js';

const own = (name: string): string => join(projectRoot, 'templates', 'views', 'console', name);
const swagger = (name: string): string => {
  const fromSwagger = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));
  return fromSwagger.resolve(`swagger-ui-dist/${name}`);
};

/** Every file the console serves; a name that is not here does not exist. */
const files: Readonly<Record<string, { path: () => string; type: string }>> = {
  'console.css': { path: () => own('console.css'), type: 'text/css; charset=utf-8' },
  'set-up.css': { path: () => own('set-up.css'), type: 'text/css; charset=utf-8' },
  'texts.js': { path: () => own('texts.js'), type: 'text/javascript; charset=utf-8' },
  'password.js': { path: () => own('password.js'), type: 'text/javascript; charset=utf-8' },
  'people.css': { path: () => own('people.css'), type: 'text/css; charset=utf-8' },
  'live.js': { path: () => own('live.js'), type: 'text/javascript; charset=utf-8' },
  'analysis.js': { path: () => own('analysis.js'), type: 'text/javascript; charset=utf-8' },
  'echarts.js': {
    path: () => createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min.js'),
    type: 'text/javascript; charset=utf-8',
  },
  'api-docs.js': { path: () => own('api-docs.js'), type: 'text/javascript; charset=utf-8' },
  'icon.svg': { path: () => own('icon.svg'), type: 'image/svg+xml' },
  'swagger-ui.css': { path: () => swagger('swagger-ui.css'), type: 'text/css; charset=utf-8' },
  'swagger-ui-bundle.js': {
    path: () => swagger('swagger-ui-bundle.js'),
    type: 'text/javascript; charset=utf-8',
  },
};

/** Styles, scripts and pictures, read once. */
@ApiExcludeController()
@AllowAnyone()
@Controller('assets')
export class AssetsController {
  private readonly read = new Map<string, Promise<Buffer>>();

  @Get(':name')
  async file(@Param('name') name: string, @Res() reply: ConsoleReply): Promise<void> {
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    if (!file) throw new AppError('not_found', 'There is no such file.', { status: 404 });
    const bytes = this.read.get(name) ?? readFile(file.path());
    this.read.set(name, bytes);
    void reply
      .header('content-type', file.type)
      .header('cache-control', 'public, max-age=300')
      .send(await bytes);
  }
}
