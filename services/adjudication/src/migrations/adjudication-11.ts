import type { Migration, MigrationRunner } from '@caretab/store';

/** Plans as documents: what they say, whose they are, and what persons have used of them. */
export class Adjudication1700000000011 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table plan_document (
        version text primary key, kind text not null check (kind in ('plan', 'coordination')),
        name text not null, payer_id text, plan_kind text, is_public boolean not null,
        effective_from date not null, effective_to date,
        state text not null check (state in ('checked', 'approved')),
        put_by text not null, put_at timestamptz(3) not null,
        approved_by text, approved_at timestamptz(3),
        check (payer_id is not null or kind = 'coordination'),
        check (state <> 'approved' or (approved_by is not null and approved_at is not null))
      );
      create index plan_document_state on plan_document (state, name);
      create unique index plan_document_day on plan_document (kind, name, effective_from)
        where state = 'approved';
      create table plan_file (
        version text primary key references plan_document (version), file text not null
      );
      create table plan_name (
        kind text not null, name text not null, payer_id text, is_public boolean not null,
        primary key (kind, name)
      );
      create table plan_use (
        person_id text not null, plan_id text not null, key text not null,
        value bigint not null check (value >= 0),
        primary key (person_id, plan_id, key)
      );
      alter table membership add column facts jsonb;
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      alter table membership drop column facts;
      drop table plan_use, plan_name, plan_file, plan_document;
    `);
  }
}
