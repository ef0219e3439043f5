import { type Framework, FRAMEWORKS } from './options';

/** What a run found, as `--json` prints it. */
export interface HttpResult {
  readonly bench: 'http';
  /** Milliseconds of the server's CPU for one request; the median of the rounds. */
  readonly cpuMs: Readonly<Record<Framework, number>>;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly faults: readonly string[];
}

const NAMES: Readonly<Record<Framework, string>> = {
  raw: 'Node alone (raw limit)',
  express: 'Nest on Express',
  fastify: 'Nest on Fastify',
};

/** The page a person reads. */
export const httpPageOf = ({ cpuMs, settings }: HttpResult): string =>
  [
    `An empty POST with a small JSON body: CPU of the server, median of ${settings['rounds']} rounds of ` +
      `${settings['requests']} requests`,
    ...FRAMEWORKS.map(
      (framework) =>
        `  ${NAMES[framework].padEnd(24)}${cpuMs[framework].toFixed(3).padStart(8)} ms  ` +
        `${(cpuMs[framework] / cpuMs.raw).toFixed(1)} × raw`,
    ),
    `load average before: ${settings['loadAverage']} on ${settings['cores']} cores`,
  ].join('\n');
