import { MemoryStore } from '@caretab/store';
import { writeOffSuite, writeOffSums } from '../../test/write-off.suite';

const open = async () => new MemoryStore();

describe('what cannot be collected, in memory', () => writeOffSuite(open));

test('whatever is written off, paid and judged anew, the sums hold', () => writeOffSums(open));
