import { MemoryStore } from '@caretab/store';
import { mergesSuite } from '../../test/merges.suite';

mergesSuite(() => Promise.resolve(new MemoryStore()));
