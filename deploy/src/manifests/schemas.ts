import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ErrorObject } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import { type Manifest, nameOf, ROOT } from './manifest';

const read = (name: string): any =>
  JSON.parse(readFileSync(join(ROOT, 'deploy/data', name), 'utf8'));
const { kinds, definitions } = read('kubernetes.schema.json') as {
  kinds: Record<string, string>;
  definitions: object;
};
const kubernetes = new Ajv({ allErrors: true, strict: false, validateFormats: false }).addSchema({
  $id: 'kubernetes',
  definitions,
});
const compose = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(
  read('compose.schema.json'),
);

const faultsIn = (errors: readonly ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map(({ instancePath, message, params }) =>
    [`${instancePath} ${message}`, params['additionalProperty'] ?? params['unevaluatedProperty']]
      .filter(Boolean)
      .join(': '),
  );

/** What the schemas of Kubernetes and KEDA have against an object; unknown fields are faults. */
export const kubernetesFaults = (manifest: Manifest): string[] => {
  const kind = kinds[`${manifest.apiVersion}/${manifest.kind}`];
  if (!kind)
    return [`${nameOf(manifest)}: no schema of ${manifest.apiVersion} ${manifest.kind} is at hand`];
  const validate = kubernetes.getSchema(`kubernetes#/definitions/${kind.replaceAll('/', '~1')}`)!;
  return validate(manifest)
    ? []
    : faultsIn(validate.errors).map((fault) => `${nameOf(manifest)}${fault}`);
};

/** What the Compose Specification's schema has against a file. */
export const composeFaults = (document: unknown): string[] =>
  compose(document) ? [] : faultsIn(compose.errors);
