import { PgBus } from '@caretab/bus-postgres';
import { poisonSuite } from '../../test/poison.suite';

poisonSuite('on PostgreSQL', (url) => new PgBus({ url }));
