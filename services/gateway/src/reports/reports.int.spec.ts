import { PgBus } from '@caretab/bus-postgres';
import { reportsSuite } from '../../test/reports.suite';

reportsSuite('on PostgreSQL', (url) => new PgBus({ url }));
