import { MemoryStore } from '@caretab/store';
import { scoreQueriesSuite } from '../../test/score-queries.suite';

describe('questions to the credit platform, in memory', () =>
  scoreQueriesSuite(async () => new MemoryStore()));
