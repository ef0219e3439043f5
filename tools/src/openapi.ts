import { allRoutes, openapiOf } from '@caretab/contracts';

export const openapiPath = 'contracts/generated/openapi.json';

/** The whole platform's OpenAPI 3.1 document. */
export const openapiText = (version: string): string =>
  `${JSON.stringify(openapiOf(allRoutes, version), null, 2)}\n`;
