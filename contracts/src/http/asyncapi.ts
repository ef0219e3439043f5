import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The generated AsyncAPI document, as it ships beside this package. */
export const asyncapiDocument = (): string =>
  readFileSync(join(__dirname, '../../generated/asyncapi.yaml'), 'utf8');
