import { DAY_MS, route, topic } from '@caretab/contracts';
import type { ErrorCode } from '@caretab/kernel';
import { fenColumn, type Migration, type MigrationRunner, table, textColumn } from '@caretab/store';
import { type Static, Type } from '@sinclair/typebox';

/** A code of these tests alone. */
export const inventedCode = (code: string): ErrorCode => code as ErrorCode;

export const Sale = Type.Object(
  { saleId: Type.String({ maxLength: 20 }), amountFen: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);
export type Sale = Static<typeof Sale>;
export const tillSales = topic({
  name: 'till.sales',
  authors: ['till'],
  description: 'What was sold.',
  keyField: 'saleId',
  partitions: 2,
  retentionMs: DAY_MS,
  events: { Sold: Sale },
});
export const saleTable = table<Sale>({
  name: 'sale',
  columns: { saleId: textColumn('sale_id', { primary: true }), amountFen: fenColumn('amount_fen') },
});

export class Till1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('create table sale (sale_id text primary key, amount_fen bigint not null)');
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('drop table sale');
  }
}

const Done = Type.Object({ done: Type.Literal(true) }, { additionalProperties: false });
// Their actions are ones that the policies permit an operator.
const at = { whose: 'platform', summary: 'of the tests', problems: [] } as const;
export const tillRoutes = {
  sell: route({
    ...at,
    method: 'POST',
    path: '/till/sales',
    action: 'payments.adopt',
    body: Sale,
    responses: { 202: Sale },
  }),
  sale: route({
    ...at,
    method: 'GET',
    path: '/till/sales/{saleId}',
    action: 'payments.summarise',
    params: Type.Pick(Sale, ['saleId']),
    responses: { 200: Sale },
  }),
  fault: route({
    ...at,
    method: 'GET',
    path: '/till/fault',
    action: 'notices.summarise',
    responses: { 200: Done },
  }),
  leak: route({
    ...at,
    method: 'GET',
    path: '/till/leak',
    action: 'retention.read',
    responses: { 200: Done },
  }),
  slow: route({
    ...at,
    method: 'GET',
    path: '/till/slow',
    action: 'intake.summarise',
    responses: { 200: Done },
  }),
};
