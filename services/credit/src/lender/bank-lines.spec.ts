import { MemoryStore } from '@caretab/store';
import { bankLinesSuite } from '../../test/bank-lines.suite';

describe('lines that banks grant, in memory', () => bankLinesSuite(async () => new MemoryStore()));
