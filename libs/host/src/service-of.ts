import type { Route } from '@caretab/contracts';

/** Hospitals and citizens name no service. */
const EDGE = 'v1';

/** The service whose thing a request is: the first part of the path, or the parameter that stands there. */
export const serviceOf = ({ path }: Route, { params }: { readonly params?: unknown }): string => {
  const [, first = ''] = path.split('/');
  if (first === EDGE) return 'gateway';
  return first === '{service}'
    ? String(((params ?? {}) as Readonly<Record<string, unknown>>)['service'])
    : first;
};
