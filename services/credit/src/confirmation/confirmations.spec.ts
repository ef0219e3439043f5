import { MemoryStore } from '@caretab/store';
import { confirmationsSuite } from '../../test/confirmations.suite';

describe('confirmations in memory', () => confirmationsSuite(async () => new MemoryStore()));
