import { type Migration, type MigrationRunner, TypeOrmStore } from '@caretab/store';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { tasksSql, taskTable, workQueueSuite } from '../test/work-queue.suite';

class Tasks1750000000000 implements Migration {
  async up(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query(tasksSql);
  }

  async down(queryRunner: MigrationRunner): Promise<void> {
    await queryRunner.query('drop table task');
  }
}

let database: TestDatabase;
let schemas = 0;
beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());

workQueueSuite('TypeOrmStore', () =>
  TypeOrmStore.open({
    url: database.url,
    schema: `work_${(schemas += 1)}`,
    tables: [taskTable],
    migrations: [Tasks1750000000000],
  }),
);
