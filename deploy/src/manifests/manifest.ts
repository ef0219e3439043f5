import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** The root of the repository, from src and dist alike. */
export const ROOT = join(__dirname, '../../..');

/** A Kubernetes object, as far as these checks look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    name: string;
    namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  spec?: any;
  data?: Record<string, string>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/**
 * All documents of a YAML file. Throws with file and line at anything that YAML frowns upon, double
 * keys included.
 */
export const readYaml = <Document = Manifest>(file: string): Document[] =>
  [...parseAllDocuments(readFileSync(file, 'utf8'), { merge: true })].map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw new Error(`${file}: ${fault.message}`);
    return document.toJS() as Document;
  });

/** `Deployment/credit` */
export const nameOf = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;

export const ofKind = (manifests: readonly Manifest[], ...kinds: readonly string[]): Manifest[] =>
  manifests.filter(({ kind }) => kinds.includes(kind));

export const isCovered = (
  labels: Readonly<Record<string, string>> = {},
  wanted: Readonly<Record<string, string>> = {},
): boolean => Object.entries(wanted).every(([label, value]) => labels[label] === value);

/** Every pod template has its containers at one place. */
export const containersOf = ({ spec }: Manifest): any[] => [
  ...(spec?.template?.spec?.initContainers ?? []),
  ...(spec?.template?.spec?.containers ?? []),
];
