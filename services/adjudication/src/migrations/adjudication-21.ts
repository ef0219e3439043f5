import type { Migration, MigrationRunner } from '@caretab/store';

/** As `derivedId` makes it, of a posting's kind and columns of `claimed` below. */
const idOf = (kind: string): string => {
  const parts = ['claim_id', "p ->> 'planId'", 'revision::text'];
  const json = parts.map((part) => `to_json((${part})::text)::text`).join(` || ',' || `);
  const hex = `encode(sha256(convert_to('["${kind}",' || ${json} || ']', 'UTF8')), 'hex')`;
  return `regexp_replace(${hex},
    '^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$', '\\1-\\2-8\\3-8\\4-\\5')`;
};

const amountOf = (name: string): string => `(p ->> '${name}')::bigint`;

/** Each posting to an insurer is a row; those of claims before are made from their claims. */
export class Adjudication1700000000021 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table settlement (
        settlement_id text primary key,
        claim_id text not null, visit_id text not null, revision integer not null check (revision > 0),
        payer_id text not null, plan_id text not null,
        institution_id text not null, person_id text not null,
        benefit text not null check (benefit in ('outpatient', 'inpatient')),
        gross_fen bigint not null check ((gross_fen > 0) = (posted_fen > 0)),
        posted_fen bigint not null check (posted_fen = fund_fen + personal_account_fen),
        fund_fen bigint not null, personal_account_fen bigint not null,
        total_fen bigint not null check (total_fen >= 0),
        cancels text unique, business_date date not null, settled_at timestamptz(3) not null,
        check ((cancels is null) = (posted_fen > 0)),
        check (total_fen = case when cancels is null then posted_fen else 0 end)
      );
      with claimed as (
        select c.*, p, coalesce(
            (select e ->> 'benefit' from jsonb_array_elements(c.effects) e
              where e ->> 'planId' = p ->> 'planId' limit 1), 'inpatient') as benefit,
          case when c.revision = 1 then coalesce(v.closed_date, d.day) else d.day end as day
        from claim c
        join coverage v using (visit_id)
        cross join lateral jsonb_array_elements(c.payers) p
        cross join lateral (select (coalesce((c.cause ->> 'recordedAt')::timestamptz,
          c.adjudicated_at) at time zone 'Asia/Shanghai')::date as day) d
        where ${amountOf('amountFen')} > 0
      ), made as (
        select ${idOf('SettlementPosted')} as id, ${idOf('SettlementCancelled')} as cancellation,
          claimed.* from claimed
      )
      insert into settlement
      select id, claim_id, visit_id, revision, p ->> 'payerId', p ->> 'planId', institution_id,
        person_id, benefit, (totals ->> 'grossFen')::bigint, ${amountOf('amountFen')},
        ${amountOf('fundFen')}, ${amountOf('personalAccountFen')}, ${amountOf('amountFen')},
        null, day, adjudicated_at
      from made
      union all
      select cancellation,
        made.claim_id, visit_id, made.revision, p ->> 'payerId', p ->> 'planId',
        made.institution_id, made.person_id, benefit, -(made.totals ->> 'grossFen')::bigint,
        -${amountOf('amountFen')}, -${amountOf('fundFen')}, -${amountOf('personalAccountFen')}, 0,
        id, (coalesce((next.cause ->> 'recordedAt')::timestamptz, next.adjudicated_at)
          at time zone 'Asia/Shanghai')::date, next.adjudicated_at
      from made join claim next using (visit_id)
      where next.revision = made.revision + 1;
      create index settlement_payer on settlement (payer_id, business_date, settlement_id);
      create index settlement_place
        on settlement (institution_id, payer_id, business_date, settlement_id);
      create index settlement_visit on settlement (visit_id);
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table settlement;');
  }
}
