type Tree = Record<string, unknown>;

/**
 * What names an element of a list, by the list's field. Every other list is replaced as a whole, as
 * kustomize does without a merge key.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  topologySpreadConstraints: 'topologyKey',
};

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A container's ports are named by their number; a policy's or a Service's are not merged here at
 * all.
 */
const mergeKeyOf = (field: string, patch: readonly unknown[]): string | undefined =>
  MERGE_KEYS[field] ??
  (field === 'ports' && patch.every((item) => isTree(item) && 'containerPort' in item)
    ? 'containerPort'
    : undefined);

/** New elements come before those that were there, in their own order. */
const mergeList = (old: readonly unknown[], patch: readonly unknown[], key: string): unknown[] => {
  const added = patch.filter(
    (item) => !old.some((each) => (each as Tree)[key] === (item as Tree)[key]),
  );
  const kept = old.map((each) => {
    const change = patch.find((item) => (item as Tree)[key] === (each as Tree)[key]);
    return change === undefined ? each : strategicMerge(each as Tree, change as Tree);
  });
  return [...added, ...kept];
};

/**
 * A strategic merge patch, without its `$` directives: trees are merged, named lists element by
 * element, null deletes. Throws at a directive.
 */
export const strategicMerge = (old: Tree, patch: Tree): Tree => {
  const merged: Tree = { ...old };
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$'))
      throw new Error(`a patch uses ${field}, which is not understood here`);
    const before = merged[field];
    const key = Array.isArray(value) ? mergeKeyOf(field, value) : undefined;
    if (value === null) delete merged[field];
    else if (isTree(value) && isTree(before)) merged[field] = strategicMerge(before, value);
    else if (key && Array.isArray(before))
      merged[field] = mergeList(before, value as unknown[], key);
    else merged[field] = structuredClone(value);
  }
  return merged;
};
