import { messagingMigrations } from '@caretab/bus';
import { testDatabase } from '@caretab/doubles';
import { TypeOrmStore } from '@caretab/store';
import { adjudication } from '..';
import { answersSuite } from '../../test/answers.suite';
import { tables } from '../tables';

answersSuite('on PostgreSQL', async () => {
  const database = await testDatabase();
  const store = await TypeOrmStore.open({
    url: database.url,
    schema: 'adjudication',
    poolMax: 4,
    tables,
    migrations: [...messagingMigrations, ...adjudication.migrations],
  });
  const end = async (): Promise<void> => {
    await store.close();
    await database.drop();
  };
  return { store, end };
});
