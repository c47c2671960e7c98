import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '#access/access.guard';
import { createToken, revokeToken, tokenList, type ApiToken } from '#access/tokens';
import { createUser, disableUser, ROLES, userList, type User } from '#access/users';
import type { Clock } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { Database } from '#store/database';
import { CLOCK } from '#store/process';
import { idParam } from './id.js';

const role = z.enum(ROLES);
const newUser = z.strictObject({ email: z.string(), password: z.string(), role });
const newToken = z.strictObject({
  name: z.string().describe('who uses it'),
  role,
  expiresAt: z.iso.datetime({ offset: true }).optional().describe('absent: until revoked'),
});

/** People and programs that may come in. */
@ApiTags('access')
@ApiBearerAuth()
@Allow('admin')
@Controller('api/v1')
export class AccessController {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ApiOperation({ summary: 'People who may sign in' })
  @Get('users')
  async users(): Promise<{ items: User[]; next: null }> {
    return { items: await userList(this.database), next: null };
  }

  @ApiOperation({ summary: 'Add a person' })
  @Post('users')
  addUser(@Body({ schema: newUser }) user: z.output<typeof newUser>): Promise<User> {
    return createUser(this.database, { ...user, now: this.clock.real() });
  }

  @ApiOperation({ summary: "End a person's access; their sessions close at once" })
  @Delete('users/:id')
  @HttpCode(204)
  async removeUser(@Param('id', { schema: idParam }) id: string): Promise<void> {
    if (!(await disableUser(this.database, id, this.clock.real()))) throw unknown('user', id);
  }

  @ApiOperation({ summary: 'Tokens of programs; the secrets themselves are not kept' })
  @Get('tokens')
  async tokens(): Promise<{ items: ApiToken[]; next: null }> {
    return { items: await tokenList(this.database), next: null };
  }

  @ApiOperation({ summary: 'Make a token; its secret is in this answer and never again' })
  @Post('tokens')
  async addToken(
    @Body({ schema: newToken }) { expiresAt, ...token }: z.output<typeof newToken>,
  ): Promise<ApiToken & { secret: string }> {
    const made = await createToken(this.database, {
      ...token,
      now: this.clock.real(),
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    });
    return { ...made.token, secret: made.secret };
  }

  @ApiOperation({ summary: 'Revoke a token' })
  @Delete('tokens/:id')
  @HttpCode(204)
  async removeToken(@Param('id', { schema: idParam }) id: string): Promise<void> {
    if (!(await revokeToken(this.database, id, this.clock.real()))) throw unknown('token', id);
  }
}

function unknown(what: string, id: string): AppError {
  return new AppError('not_found', `There is no ${what} ${id}.`, { status: 404 });
}
