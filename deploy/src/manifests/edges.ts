import { containersOf, isCovered, type Manifest, ofKind } from './manifest';
import type { Variables } from './services';

/**
 * Who may, or must, reach whom: `gateway → identity:8080`. Namespaces are `ns/kafka`, addresses
 * beyond the cluster are `outside`.
 */
export type Edge = string;

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  http: '80',
  https: '443',
  postgres: '5432',
  postgresql: '5432',
  esdb: '2113',
  smtp: '25',
  smtps: '465',
};

const workloadsOf = (manifests: readonly Manifest[]): Manifest[] =>
  ofKind(manifests, 'Deployment', 'StatefulSet');
const podLabels = ({ spec }: Manifest): Readonly<Record<string, string>> =>
  spec.template.metadata.labels;
const matching = (
  manifests: readonly Manifest[],
  selector: { matchLabels?: Record<string, string> } = {},
): string[] =>
  workloadsOf(manifests)
    .filter((workload) => isCovered(podLabels(workload), selector.matchLabels))
    .map(({ metadata }) => metadata.name);

/** The addresses in a text: one URL, or host:port pairs separated by commas. */
const addressesOf = (text: string): { host: string; port: string }[] => {
  const url = /^([a-z]+):\/\/(?:[^@/]*@)?([^:/?]+)(?::(\d+))?/.exec(text);
  if (url) return [{ host: url[2]!, port: url[3] ?? DEFAULT_PORTS[url[1]!] ?? '' }];
  return /^[\w.-]+:\d+(,[\w.-]+:\d+)*$/.test(text)
    ? text.split(',').map((pair) => ({ host: pair.split(':')[0]!, port: pair.split(':')[1]! }))
    : [];
};

/** A Service's port is where the caller knocks; policies speak of the pod's. */
const podPortOf = (service: Manifest, port: string, manifests: readonly Manifest[]): string => {
  const target = (service.spec.ports as { port: number; targetPort?: string }[]).find(
    (each) => String(each.port) === port,
  )?.targetPort;
  const pod = workloadsOf(manifests).find((workload) =>
    isCovered(podLabels(workload), service.spec.selector),
  );
  const named =
    pod &&
    containersOf(pod)
      .flatMap(({ ports = [] }) => ports as { name: string; containerPort: number }[])
      .find(({ name }) => name === target);
  return named ? String(named.containerPort) : `(no port ${port} → ${target})`;
};

/** The edges that a workload's environment asks for. */
export const neededEdges = (
  workload: Manifest,
  env: Variables,
  manifests: readonly Manifest[],
): Edge[] =>
  Object.values(env)
    .flatMap(addressesOf)
    .filter(({ host }) => host !== '0.0.0.0')
    .flatMap(({ host, port }) => {
      const from = workload.metadata.name;
      const service = ofKind(manifests, 'Service').find(({ metadata }) => metadata.name === host);
      if (service)
        return matching(manifests, { matchLabels: service.spec.selector }).map(
          (to) => `${from} → ${to}:${podPortOf(service, port, manifests)}`,
        );
      const namespace = /^[\w-]+\.([\w-]+)\.svc(\.|$)/.exec(host)?.[1];
      return [
        `${from} → ` +
          `${namespace ? `ns/${namespace}` : host.includes('.') ? 'outside' : `(nobody is called ${host})`}:${port}`,
      ];
    });

/** A peer without a namespace is a pod of ours; with one, any pod there. */
const peersOf = (peer: any, manifests: readonly Manifest[]): string[] => {
  if (peer.ipBlock) return ['outside'];
  if (peer.namespaceSelector)
    return [`ns/${peer.namespaceSelector.matchLabels['kubernetes.io/metadata.name']}`];
  return matching(manifests, peer.podSelector);
};

/**
 * The edges that the network policies allow, as the side `Egress` (who calls) or `Ingress` (who is
 * called) sees them.
 */
export const allowedEdges = (side: 'Egress' | 'Ingress', manifests: readonly Manifest[]): Edge[] =>
  ofKind(manifests, 'NetworkPolicy')
    .filter(({ spec }) => spec.policyTypes.includes(side))
    .flatMap(({ spec }) => {
      const rules = ((side === 'Egress' ? spec.egress : spec.ingress) ?? []) as any[];
      return matching(manifests, spec.podSelector).flatMap((self) =>
        rules.flatMap(({ from, to, ports }) =>
          ((from ?? to) as any[])
            .flatMap((peer) => peersOf(peer, manifests))
            .flatMap((peer) =>
              (ports as { port: number }[]).map(({ port }) =>
                side === 'Egress' ? `${self} → ${peer}:${port}` : `${peer} → ${self}:${port}`,
              ),
            ),
        ),
      );
    });
