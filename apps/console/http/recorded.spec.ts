import { describe, expect, test } from '@jest/globals';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { lastValueFrom, of, throwError } from 'rxjs';
import { Unrecorded } from '#access/access.guard';
import { actorOf, type AuditEntry, type AuditLog } from '#access/audit-log';
import type { Database } from '#store/database';
import { RecordedChanges } from './recorded.js';

class Rooms {
  plain(): void {}
  @Unrecorded('nothing stays of it') exempt(): void {}
}

/** What the net records of one request, whose handler recorded `own` entries itself. */
async function recordedOf(request: {
  method: string;
  handler?: keyof Rooms;
  status?: number;
  own?: boolean;
  fails?: boolean;
}): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  const asked = {
    method: request.method,
    ip: '10.0.0.1',
    params: { id: '12' },
    routeOptions: { url: '/api/v1/things/:id' },
  };
  const audit = {
    record: (_: unknown, entry: AuditEntry) => Promise.resolve(void entries.push(entry)),
    hasRecorded: (by: unknown) => request.own === true && by === actorOf(asked),
  } as unknown as AuditLog;
  const context = {
    getHandler: () => (Rooms.prototype as unknown as Record<string, object>)[request.handler ?? 'plain'],
    getClass: () => Rooms,
    switchToHttp: () => ({
      getRequest: () => asked,
      getResponse: () => ({ statusCode: request.status ?? 200 }),
    }),
  } as unknown as ExecutionContext;
  const next: CallHandler = {
    handle: () => (request.fails ? throwError(() => new Error('no')) : of('answer')),
  };
  const net = new RecordedChanges(new Reflector(), audit, {} as Database);
  const answer = await lastValueFrom(net.intercept(context, next)).catch(() => 'failed');
  expect(answer).toBe(request.fails ? 'failed' : 'answer');
  return entries;
}

describe('the net under changes', () => {
  test('records a change that its handler did not', async () => {
    expect(await recordedOf({ method: 'POST' })).toEqual([
      {
        by: { kind: 'system', id: null, name: 'stranger', address: '10.0.0.1' },
        action: 'POST /api/v1/things/:id',
        on: { kind: 'things', id: '12' },
      },
    ]);
  });

  test.each([
    ['a look', { method: 'GET' }],
    ['a change its handler recorded', { method: 'DELETE', own: true }],
    ['a change that is declared not to need it', { method: 'POST', handler: 'exempt' as const }],
    ['a page that says what is wrong', { method: 'POST', status: 403 }],
    ['a change that failed', { method: 'PATCH', fails: true }],
  ])('leaves out %s', async (_, request) => {
    expect(await recordedOf(request)).toEqual([]);
  });
});
