import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '#access/access.guard';
import { actorOf, AuditLog } from '#access/audit-log';
import { erasePerson, type ErasureProof } from '#contacts/person/erase-person';
import { personData, type PersonData } from '#contacts/person/person-data';
import { Vault } from '#contacts/vault';
import type { Clock } from '#kernel/clock';
import type { Secrets } from '#kernel/sealing-key';
import { Database } from '#store/database';
import { CLOCK, SECRET_KEY } from '#store/process';
import { type ConsoleRequest } from '../http/request.js';

/** In the body, never in the address: addresses are logged by whatever stands in between. */
const wanted = z
  .union([
    z.strictObject({
      phone: z.string().min(1).max(40).describe('number of the person, in any usual writing'),
    }),
    z.strictObject({ code: z.string().min(1).max(200).describe('or the code of a link they were sent') }),
  ])
  .describe('who it is');

/** What a person may ask of us. Only administrators: both show or end everything about somebody. */
@ApiTags('persons')
@ApiBearerAuth()
@Allow('admin')
@Controller('api/v1/persons')
export class PersonsController {
  private readonly vault: Vault;

  constructor(
    private readonly database: Database,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECRET_KEY) secretKey: Secrets,
  ) {
    this.vault = new Vault(secretKey);
  }

  @ApiOperation({
    summary: 'Everything that is stored about one person, to hand to them; the look is recorded first',
  })
  @Post('export')
  @HttpCode(200)
  async export(
    @Body({ schema: wanted }) who: z.output<typeof wanted>,
    @Req() request: ConsoleRequest,
  ): Promise<PersonData> {
    await this.audit.record(this.database, { by: actorOf(request), action: 'person.exported' });
    return personData(this.database, this.vault, who);
  }

  @ApiOperation({ summary: 'Forget a person; the answer is the proof: what went, what stays and why' })
  @Post('erase')
  @HttpCode(200)
  async erase(
    @Body({ schema: wanted }) who: z.output<typeof wanted>,
    @Req() request: ConsoleRequest,
  ): Promise<ErasureProof> {
    const how = { now: this.clock.now(), via: 'api' } as const;
    const proof = await erasePerson(this.database, this.vault, who, how);
    // Whom it was about must not come back through the record of it.
    await this.audit.record(this.database, {
      by: actorOf(request),
      action: 'person.erased',
      after: { found: proof.found, tables: proof.went.map(({ table, rows }) => ({ table, rows })) },
    });
    return proof;
  }
}
