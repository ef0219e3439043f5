import { PgBus } from './pg-bus';
import { relayCrashSuite } from './relay-crash.suite';

relayCrashSuite('on PostgreSQL', (url) => ({ bus: new PgBus({ url }) }));
