import { join } from 'node:path';
import { relayCrashSuite } from '@caretab/bus/test';
import { PgBus } from './pg-bus';

const dying = join(__dirname, '../test/relay-that-dies.ts');

relayCrashSuite('on PostgreSQL', (url) => ({ bus: new PgBus({ url }), dying }));
