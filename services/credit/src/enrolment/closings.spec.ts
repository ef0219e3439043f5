import { MemoryStore } from '@caretab/store';
import { closingSuite } from '../../test/closing.suite';

describe('a closing for an erasure', () => {
  closingSuite(() => Promise.resolve(new MemoryStore()), 300);
});
