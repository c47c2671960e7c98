import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CentreScope } from '#access/access.guard';
import { Database } from '#store/database';
import { principalOf, type ConsoleRequest } from '../http/request.js';
import { page, pageQuery, type Page } from './cursor.js';
import { centrePage, definitionPage, type ListedCentre, type ListedDefinition } from './lists.sql.js';

const listQuery = z.strictObject(pageQuery);
type ListQuery = z.output<typeof listQuery>;

/** What is set up: nothing here is about a person. */
@ApiTags('set-up')
@ApiBearerAuth()
@Allow('admin', 'analyst', 'operator')
@CentreScope('irrelevant')
@Controller('api/v1')
export class ListsController {
  constructor(private readonly database: Database) {}

  @ApiOperation({ summary: 'Campaigns in force, each in its newest published revision' })
  @Get('campaigns')
  async campaigns(@Query({ schema: listQuery }) query: ListQuery): Promise<Page<ListedDefinition>> {
    return this.definitions('campaign', query);
  }

  @ApiOperation({ summary: 'Surveys in force' })
  @Get('surveys')
  async surveys(@Query({ schema: listQuery }) query: ListQuery): Promise<Page<ListedDefinition>> {
    return this.definitions('survey', query);
  }

  @ApiOperation({ summary: 'Message templates in force' })
  @Get('templates')
  async templates(@Query({ schema: listQuery }) query: ListQuery): Promise<Page<ListedDefinition>> {
    return this.definitions('message', query);
  }

  @ApiOperation({ summary: 'Service centres, also those first seen in a feed' })
  @CentreScope('narrowed')
  @Get('centres')
  async centres(
    @Query({ schema: listQuery }) { cursor, limit }: ListQuery,
    @Req() request: ConsoleRequest,
  ): Promise<Page<ListedCentre>> {
    const { centres } = principalOf(request);
    return page(await centrePage(this.database, { before: cursor, limit, codes: centres }), limit);
  }

  private async definitions(
    kind: 'campaign' | 'survey' | 'message',
    { cursor, limit }: ListQuery,
  ): Promise<Page<ListedDefinition>> {
    return page(await definitionPage(this.database, kind, { before: cursor, limit }), limit);
  }
}
