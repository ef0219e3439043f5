import { MemoryStore } from '@caretab/store';
import { policyDeskSuite } from '../../test/policies.suite';

policyDeskSuite('MemoryStore', async () => new MemoryStore());
