import { morningsSuite } from './mornings.suite';

morningsSuite(1, 100);
