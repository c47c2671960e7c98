import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '#access/access.guard';
import { actorOf } from '#access/audit-log';
import { People } from '#access/people';
import { ROLES, userList } from '#access/users';
import { AppError } from '#kernel/errors';
import { Database } from '#store/database';
import { sendPage } from '../../http/answers.js';
import { principalOf, type ConsoleReply, type ConsoleRequest } from '../../http/request.js';
import { idParam } from '../../api/id.js';
import { localeOf } from '../words.js';
import { usersPage, type UsersView } from './users-page.js';
import { peopleWordsOf } from './words.js';

/** Codes as people type them: `kyiv-01, kyiv-02`; none: every centre. */
const centres = z
  .string()
  .max(10_000)
  .transform((text) => text.split(/[,;\s]+/).filter((code) => code !== ''))
  .transform((codes) => (codes.length === 0 ? null : codes));
const newUser = z.object({ email: z.string().max(254), role: z.enum(ROLES), centres });
const userChange = z.object({
  role: z.enum(ROLES).optional(),
  centres: centres.optional(),
  disabled: z
    .enum(['yes', 'no'])
    .transform((said) => said === 'yes')
    .optional(),
});
const userReset = z.object({ secondFactor: z.literal('yes').optional() });

type Said = Pick<UsersView, 'done' | 'problem' | 'made'>;

/** The page by which administrators let people in and bar them. */
@ApiExcludeController()
@Allow('admin')
@Controller('users')
export class UsersController {
  constructor(
    private readonly database: Database,
    @Inject(People) private readonly people: People,
  ) {}

  @Get()
  async show(@Req() request: ConsoleRequest, @Res() reply: ConsoleReply): Promise<void> {
    await this.answer(request, reply, {});
  }

  @Post()
  async add(
    @Req() request: ConsoleRequest,
    @Body({ schema: newUser }) form: z.output<typeof newUser>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.attempt(request, reply, async () => {
      const { user, password } = await this.people.add(form, actorOf(request));
      return { made: { email: user.email, password } };
    });
  }

  @Post(':id')
  async change(
    @Req() request: ConsoleRequest,
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: userChange }) form: z.output<typeof userChange>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.attempt(request, reply, async () => {
      await this.people.change(id, form, actorOf(request));
      return { done: peopleWordsOf(localeOf(request)).users.saved };
    });
  }

  @Post(':id/reset')
  async reset(
    @Req() request: ConsoleRequest,
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: userReset }) { secondFactor }: z.output<typeof userReset>,
    @Res() reply: ConsoleReply,
  ): Promise<void> {
    await this.attempt(request, reply, async () => {
      const options = { secondFactor: secondFactor === 'yes' };
      const { user, password } = await this.people.reset(id, options, actorOf(request));
      return { made: { email: user.email, password } };
    });
  }

  /** Does what the form asks for; what an administrator can put right is said on the page itself. */
  private async attempt(
    request: ConsoleRequest,
    reply: ConsoleReply,
    work: () => Promise<Said>,
  ): Promise<void> {
    try {
      await this.answer(request, reply, await work());
    } catch (thrown) {
      const words = peopleWordsOf(localeOf(request));
      const problem = thrown instanceof AppError ? words.problems[thrown.code] : undefined;
      if (problem === undefined) throw thrown;
      await this.answer(request, reply, { problem }, (thrown as AppError).status);
    }
  }

  private async answer(
    request: ConsoleRequest,
    reply: ConsoleReply,
    said: Said,
    status = 200,
  ): Promise<void> {
    const principal = principalOf(request);
    const users = await userList(this.database);
    sendPage(reply, usersPage({ locale: localeOf(request), principal, users, ...said }), status);
  }
}
