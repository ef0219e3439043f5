import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kustomize } from './kustomize';
import { type Manifest, nameOf, ROOT } from './manifest';

const PROGRAMS = [
  ['kustomize', ['build']],
  ['kubectl', ['kustomize']],
] as const;
const program = PROGRAMS.find(
  ([name]) => spawnSync(name, ['version', '--client'], { stdio: 'ignore' }).error === undefined,
);

const byName = (manifests: readonly Manifest[]): Record<string, Manifest> =>
  Object.fromEntries(manifests.map((manifest) => [nameOf(manifest), manifest]));

/**
 * Without kustomize and kubectl there is nothing to compare with; what the overlays mean is tested
 * all the same.
 */
test.each(['development', 'staging', 'production'])(
  'the overlay %s is here what kustomize makes of it',
  (overlay) => {
    const folder = join(ROOT, 'k8s/overlays', overlay);
    const ours = byName(kustomize(folder));
    expect(Object.keys(ours).length).toBeGreaterThan(50);
    if (!program) return;
    const theirs = execFileSync(program[0], [...program[1], folder], { encoding: 'utf8' });
    expect(ours).toEqual(
      byName(parseAllDocuments(theirs).map((document) => document.toJS() as Manifest)),
    );
  },
);
