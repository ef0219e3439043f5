import { MemoryStore } from '@caretab/store';
import { clearingSuite } from '../../test/clearing.suite';

clearingSuite(() => Promise.resolve(new MemoryStore()));
