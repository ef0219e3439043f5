import { MemoryStore } from '@caretab/store';
import { signInSuite } from '../../test/sign-in.suite';

describe('sign-in', () => signInSuite(async () => new MemoryStore()));
