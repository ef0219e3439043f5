import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProfileOptions } from './options';

/** As V8 writes it: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds, each since the sample before. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

export interface ProfileResult {
  readonly bench: 'profile';
  readonly processes: number;
  readonly cpuSeconds: number;
  /** Percent of that, by part of the access model. */
  readonly access: Readonly<Record<string, number>>;
  readonly accessPercent: number;
  /** Percent of that, by library or service, the largest first. */
  readonly rest: readonly (readonly [string, number])[];
  readonly faults: readonly string[];
}

/** The access model’s parts, by the modules that they are. */
const ACCESS: Readonly<Record<string, RegExp>> = {
  fence: /libs\/host\/dist\/fence/,
  tokens:
    /(((service|store)-tokens?|(token|service)-authenticator|(token-)?callers)\.js|modules\/jose\/)/,
  decisions:
    /libs\/access\/|libs\/host\/dist\/(access\.guard|admitted|resource-of|doorkeepers|approval)|cedar-wasm/,
  'records of access': /libs\/host\/dist\/access-records/,
  'messages’ signatures': /libs\/bus\/dist\/(message-signature|signing-bus|held-keys|bus-keys)/,
  'events’ signatures': /libs\/event-store[\w-]*\/dist\/.*(sign|seal|verif)/,
  anchors: /libs\/(host\/dist\/)?anchors/,
  'row scopes': /libs\/store\/dist\/within/,
};

const NOT_WORK = new Set(['(idle)', '(program)', '(root)']);
const LARGEST = 15;

const libraryOf = (url: string): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ??
  /(?:libs|services|verify|deploy)\/[^/]+/.exec(url)?.[0] ??
  'Node';

const partOf = (url: string): string | undefined =>
  Object.entries(ACCESS).find(([, pattern]) => pattern.test(url))?.[0];

/** Microseconds by module. What Node itself does counts for the module that called it. */
export const timesOf = (
  { nodes, samples, timeDeltas }: CpuProfile,
  { skipSeconds, tailSeconds }: Pick<ProfileOptions, 'skipSeconds' | 'tailSeconds'>,
): ReadonlyMap<string, number> => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const moduleOf = (sampled: number): string => {
    for (let id: number | undefined = sampled; id !== undefined; id = callers.get(id)) {
      const { url } = byId.get(id)!.callFrame;
      if (url && !url.startsWith('node:')) return url;
    }
    return '';
  };
  const total = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const times = new Map<string, number>();
  let at = 0;
  samples.forEach((id, index) => {
    const delta = timeDeltas[index]!;
    at += delta;
    if (at < skipSeconds * 1e6 || at > total - tailSeconds * 1e6) return;
    if (NOT_WORK.has(byId.get(id)!.callFrame.functionName)) return;
    const url = moduleOf(id);
    times.set(url, (times.get(url) ?? 0) + delta);
  });
  return times;
};

const ranked = (times: ReadonlyMap<string, number>): [string, number][] =>
  [...times].sort(([, one], [, other]) => other - one);

/** On what the processes of a run spent their CPU. */
export const profile = (options: ProfileOptions): ProfileResult => {
  const files = readdirSync(options.dir).filter((name) => name.endsWith('.cpuprofile'));
  const [parts, libraries] = [new Map<string, number>(), new Map<string, number>()];
  let all = 0;
  for (const file of files) {
    const read = JSON.parse(readFileSync(join(options.dir, file), 'utf8')) as CpuProfile;
    for (const [url, time] of timesOf(read, options)) {
      const part = partOf(url);
      const [into, name] = part === undefined ? [libraries, libraryOf(url)] : [parts, part];
      into.set(name, (into.get(name) ?? 0) + time);
      all += time;
    }
  }
  const percent = (time: number): number => Number(((100 * time) / (all || 1)).toFixed(2));
  const ofAccess = [...parts.values()].reduce((sum, time) => sum + time, 0);
  return {
    bench: 'profile',
    processes: files.length,
    cpuSeconds: Number((all / 1e6).toFixed(1)),
    access: Object.fromEntries(ranked(parts).map(([name, time]) => [name, percent(time)])),
    accessPercent: percent(ofAccess),
    rest: ranked(libraries)
      .slice(0, LARGEST)
      .map(([name, time]) => [name, percent(time)] as const),
    faults: all === 0 ? [`no CPU profile of the steady part is in ${options.dir}`] : [],
  };
};

const line = ([name, percent]: readonly [string, number]): string =>
  `  ${name.padEnd(34)}${percent.toFixed(2).padStart(6)} %`;

/** The page a person reads. */
export const profilePageOf = (result: ProfileResult): string =>
  [
    `${result.processes} processes, ${result.cpuSeconds} s of CPU without idling`,
    `The access model: ${result.accessPercent} %`,
    ...Object.entries(result.access).map(line),
    'The rest',
    ...result.rest.map(line),
  ].join('\n');
