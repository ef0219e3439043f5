import { MemoryStore } from '@caretab/store';
import { masterIndexSuite } from '../../test/master-index.suite';

describe('the master index on its twin', () => masterIndexSuite(async () => new MemoryStore()));
