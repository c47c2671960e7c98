import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '#access/access.guard';
import { actorOf } from '#access/audit-log';
import { People } from '#access/people';
import { tokenList, type ApiToken } from '#access/tokens';
import { ROLES, userList, type User } from '#access/users';
import { Database } from '#store/database';
import { type ConsoleRequest } from '../http/request.js';
import { idParam } from './id.js';

const role = z.enum(ROLES);
const centres = z
  .array(z.string().max(200))
  .max(1000)
  .nullable()
  .optional()
  .describe('codes of the only centres they see; absent or null: every centre');
const newUser = z.strictObject({
  email: z.string().max(254),
  password: z.string().max(1000).optional().describe('absent: one is made, and is in the answer this once'),
  role,
  centres,
});
const userChange = z.strictObject({ role: role.optional(), centres, disabled: z.boolean().optional() });
const userReset = z.strictObject({
  secondFactor: z.boolean().default(false).describe('also take the second factor off'),
});
const newToken = z.strictObject({
  name: z.string().max(1000).describe('who uses it'),
  role,
  centres,
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
    @Inject(People) private readonly people: People,
  ) {}

  @ApiOperation({ summary: 'People who may sign in' })
  @Get('users')
  async users(): Promise<{ items: User[]; next: null }> {
    return { items: await userList(this.database), next: null };
  }

  @ApiOperation({ summary: 'Add a person' })
  @Post('users')
  async addUser(
    @Body({ schema: newUser }) given: z.output<typeof newUser>,
    @Req() request: ConsoleRequest,
  ): Promise<User & { password?: string }> {
    const { user, password } = await this.people.add(given, actorOf(request));
    return given.password === undefined ? { ...user, password } : user;
  }

  @ApiOperation({ summary: "Change a person's role or centres, or bar or let them in; their sessions close" })
  @Patch('users/:id')
  changeUser(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: userChange }) change: z.output<typeof userChange>,
    @Req() request: ConsoleRequest,
  ): Promise<User> {
    return this.people.change(id, change, actorOf(request));
  }

  @ApiOperation({ summary: "End a person's access; their sessions close at once" })
  @Delete('users/:id')
  @HttpCode(204)
  async removeUser(
    @Param('id', { schema: idParam }) id: string,
    @Req() request: ConsoleRequest,
  ): Promise<void> {
    await this.people.change(id, { disabled: true }, actorOf(request));
  }

  @ApiOperation({ summary: 'Give a person a new password, in the answer this once; their sessions close' })
  @Post('users/:id/reset')
  @HttpCode(200)
  async resetUser(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: userReset }) { secondFactor }: z.output<typeof userReset>,
    @Req() request: ConsoleRequest,
  ): Promise<User & { password: string }> {
    const { user, password } = await this.people.reset(id, { secondFactor }, actorOf(request));
    return { ...user, password };
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
    @Req() request: ConsoleRequest,
  ): Promise<ApiToken & { secret: string }> {
    const made = await this.people.addToken(
      { ...token, expiresAt: expiresAt === undefined ? null : new Date(expiresAt) },
      actorOf(request),
    );
    return { ...made.token, secret: made.secret };
  }

  @ApiOperation({ summary: 'Revoke a token' })
  @Delete('tokens/:id')
  @HttpCode(204)
  async removeToken(
    @Param('id', { schema: idParam }) id: string,
    @Req() request: ConsoleRequest,
  ): Promise<void> {
    await this.people.revokeToken(id, actorOf(request));
  }
}
