import type { Migration, MigrationRunner } from '@caretab/store';

/** Orders to the centre of medical security: each comes to exactly one settlement there. */
export class Adjudication1700000000015 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      create table centre_order (
        order_id text primary key, person_id text not null, institution_id text not null,
        infno text not null check (infno in ('2207', '2208', '2304', '2305')), data jsonb not null,
        step text not null check (step in ('send', 'sent', 'undo', 'done', 'refused', 'held')),
        stamp text not null, former jsonb not null, last text, settlement jsonb,
        doubts jsonb not null, attempts integer not null, placed_at timestamptz(3) not null,
        next_attempt_at timestamptz(3), lease integer not null,
        unique (institution_id, stamp)
      );
      create index centre_order_due on centre_order (next_attempt_at)
        where next_attempt_at is not null;
      create index centre_order_held on centre_order (placed_at) where step = 'held';
    `);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table centre_order;');
  }
}
