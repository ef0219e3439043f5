import { MemoryStore } from '@caretab/store';
import { rotationSuite } from '../../test/rotation.suite';

rotationSuite(async () => new MemoryStore());
