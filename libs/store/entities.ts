import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

// Foreign keys are plain ids: entities that point at each other crash at load as ES modules.

@Entity('centre')
export class CentreRow {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id!: string;
  @Column('text') code!: string;
  @Column('text') name!: string;
  @Column('text') timezone!: string;
  @Column('text', { nullable: true }) region!: string | null;
  @Column('text', { nullable: true }) city!: string | null;
  @Column('text', { nullable: true }) address!: string | null;
  @Column('double precision', { nullable: true }) latitude!: number | null;
  @Column('double precision', { nullable: true }) longitude!: number | null;
  @Column('boolean') confirmed!: boolean;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

export type DefinitionKind = 'campaign' | 'survey' | 'message';

@Entity('definition')
export class DefinitionRow {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id!: string;
  @Column('text') kind!: DefinitionKind;
  @Column('text') key!: string;
  @Column('integer') revision!: number;
  @Column('jsonb') content!: object;
  @Column('text', { name: 'content_hash' }) contentHash!: string;
  @Column('text') pack!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'published_at', nullable: true }) publishedAt!: Date | null;
  @Column('timestamptz', { name: 'withdrawn_at', nullable: true }) withdrawnAt!: Date | null;
}

@Entity('sender')
export class SenderRow {
  @PrimaryColumn('text') key!: string;
  @Column('text') kind!: string;
  @Column('text') channel!: 'sms' | 'viber';
  @Column('text') addressing!: 'phone' | 'subscriber';
  @Column('boolean', { name: 'two_way' }) twoWay!: boolean;
  @Column('boolean') enabled!: boolean;
  @Column('smallint') priority!: number;
  @Column('timestamptz', { name: 'stopped_at', nullable: true }) stoppedAt!: Date | null;
  @Column('text', { name: 'stopped_reason', nullable: true }) stoppedReason!: string | null;
  @Column('real', { name: 'parts_per_second', nullable: true }) partsPerSecond!: number | null;
  @Column('real', { nullable: true }) allowance!: number | null;
  @Column('timestamptz', { name: 'allowance_at', nullable: true }) allowanceAt!: Date | null;
  @Column('integer', { name: 'max_in_flight', nullable: true }) maxInFlight!: number | null;
  @Column('timestamptz', { name: 'paused_until', nullable: true }) pausedUntil!: Date | null;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

@Entity('intake_batch')
export class IntakeBatchRow {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id!: string;
  @Column('text') source!: string;
  @Column('text') via!: 'file' | 'http' | 'folder' | 'table';
  @Column('text', { nullable: true }) name!: string | null;
  @Column('timestamptz', { name: 'started_at' }) startedAt!: Date;
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt!: Date | null;
  @Column('integer') read!: number;
  @Column('integer') accepted!: number;
  @Column('integer') duplicates!: number;
  @Column('integer') rejected!: number;
}

export type Role = 'admin' | 'analyst' | 'operator';

@Entity('app_user')
export class UserRow {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id!: string;
  @Column('text') email!: string;
  @Column('text', { name: 'password_hash', nullable: true }) passwordHash!: string | null;
  @Column('text') role!: Role;
  @Column('text', { array: true, nullable: true }) centres!: string[] | null;
  @Column('timestamptz', { name: 'password_changed_at', nullable: true }) passwordChangedAt!: Date | null;
  @Column('text', { name: 'password_due', nullable: true }) passwordDue!: 'given' | 'stolen' | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'disabled_at', nullable: true }) disabledAt!: Date | null;
}

@Entity('api_token')
export class ApiTokenRow {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id!: string;
  @Column('text') name!: string;
  @Column('text') role!: Role;
  @Column('text', { array: true, nullable: true }) centres!: string[] | null;
  @Column('bytea', { name: 'token_hash' }) tokenHash!: Buffer;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt!: Date | null;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
}

/** What TypeORM maps. The path of a visit runs on the stages' own statements and has no classes here. */
export const entities = [CentreRow, DefinitionRow, SenderRow, IntakeBatchRow, UserRow, ApiTokenRow];
