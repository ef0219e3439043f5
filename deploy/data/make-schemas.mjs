// Makes the schemas beside this file out of their sources, leaving out prose and every kind that no
// manifest here uses.
//   node deploy/data/make-schemas.mjs <kubernetes sources> <keda sources> <compose-go sources>
// The three are what `go mod download -json k8s.io/kubernetes@v1.37.2`,
// `github.com/kedacore/keda/v2@v2.21.0` and `github.com/compose-spec/compose-go/v2@v2.16.2` say
// under "Dir". All three projects are under the Apache License 2.0.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const here = dirname(fileURLToPath(import.meta.url));
const [kubernetes, keda, compose] = process.argv.slice(2);
const kinds = [
  'v1/Namespace',
  'v1/PersistentVolumeClaim',
  'v1/ConfigMap',
  'v1/Secret',
  'v1/Service',
  'v1/ServiceAccount',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'policy/v1/PodDisruptionBudget',
  'networking.k8s.io/v1/NetworkPolicy',
  'networking.k8s.io/v1/Ingress',
];
const version = (folder) => basename(folder).split('@').at(-1);
const prose = new Set([
  'description',
  'title',
  'format',
  'deprecated',
  'example',
  'examples',
  'x-kubernetes-validations',
]);

/**
 * A schema without its prose, and strict: a field that is not named is a mistake, as the API server
 * says with `--validate=strict`.
 */
const strict = (schema) => {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string'])
    return { type: ['integer', 'string'] };
  const { properties, ...rest } = schema;
  const kept = Object.entries(rest)
    .filter(([key]) => !prose.has(key) && !key.startsWith('x-'))
    .map(([key, value]) => [key, strict(value)]);
  if (!properties) return Object.fromEntries(kept);
  const named = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, strict(property)]),
  );
  return {
    additionalProperties: schema['x-kubernetes-preserve-unknown-fields'] ?? false,
    ...Object.fromEntries(kept),
    properties: named,
  };
};

const write = (name, source, schema) =>
  writeFileSync(join(here, name), `${JSON.stringify({ $comment: source, ...schema })}\n`);

const { definitions } = JSON.parse(
  readFileSync(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8'),
);
const used = {};
const use = (name) => {
  if (used[name]) return;
  used[name] = strict(definitions[name]);
  for (const [, ref] of JSON.stringify(used[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) use(ref);
};
const idOf = ({ group, version: v, kind }) => [group, v, kind].filter(Boolean).join('/');
const byKind = Object.fromEntries(
  Object.entries(definitions).flatMap(([name, { 'x-kubernetes-group-version-kind': gvk }]) =>
    gvk?.length === 1 && kinds.includes(idOf(gvk[0])) ? [[idOf(gvk[0]), name]] : [],
  ),
);
for (const kind of kinds) use(byKind[kind]);
used['io.k8s.apimachinery.pkg.api.resource.Quantity'] = { type: ['string', 'number'] };

const metadata = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
for (const file of ['scaledobjects', 'triggerauthentications']) {
  const {
    spec: { group, names, versions },
  } = parse(readFileSync(join(keda, `config/crd/bases/keda.sh_${file}.yaml`), 'utf8'));
  const schema = strict(versions[0].schema.openAPIV3Schema);
  schema.properties.metadata = { $ref: `#/definitions/${metadata}` };
  const id = `${group}/${versions[0].name}/${names.kind}`;
  used[id] = schema;
  byKind[id] = id;
}
write(
  'kubernetes.schema.json',
  `From k8s.io/kubernetes ${version(kubernetes)} api/openapi-spec/swagger.json ` +
    `and github.com/kedacore/keda ${version(keda)} config/crd/bases, Apache-2.0; ` +
    'made by make-schemas.mjs',
  { kinds: byKind, definitions: used },
);
const { $schema, $id, ...composeSchema } = JSON.parse(
  readFileSync(join(compose, 'schema/compose-spec.json'), 'utf8'),
);
const bare = (schema) =>
  Array.isArray(schema)
    ? schema.map(bare)
    : typeof schema === 'object' && schema !== null
      ? Object.fromEntries(
          Object.entries(schema)
            .filter(
              ([key, value]) =>
                !(['description', 'title'].includes(key) && typeof value === 'string'),
            )
            .map(([key, value]) => [key, bare(value)]),
        )
      : schema;
write(
  'compose.schema.json',
  `From github.com/compose-spec/compose-go ${version(compose)} ` +
    'schema/compose-spec.json, Apache-2.0; made by make-schemas.mjs',
  { $schema, ...bare(composeSchema) },
);
