import { MemoryStore } from '@caretab/store';
import { appealsSuite } from '../../test/appeals.suite';

appealsSuite('MemoryStore', async () => new MemoryStore());
