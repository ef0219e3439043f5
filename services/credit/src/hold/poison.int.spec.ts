import { PgBus } from '@caretab/messaging';
import { poisonSuite } from './poison.suite';

poisonSuite('on PostgreSQL', (url) => new PgBus({ url }));
