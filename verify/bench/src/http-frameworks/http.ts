import { type ChildProcess, fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { processCpuSeconds } from '../cpu';
import type { Progress } from '../progress';
import { type Framework, FRAMEWORKS, type HttpOptions } from './options';
import type { HttpResult } from './report';

const CONNECTIONS = 16;
const WARM_UP = 3000;
const BODY = JSON.stringify({ id: 'charge-0001', amountFen: 2000, occurredAt: '2026-03-02T08:00' });

interface Server {
  readonly framework: Framework;
  readonly child: ChildProcess;
  readonly port: number;
}

const start = async (framework: Framework): Promise<Server> => {
  const child = fork(join(__dirname, 'server-process.js'), [framework]);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { readonly port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`the ${framework} server ended with ${code}`)));
  });
  return { framework, child, port };
};

const post = (agent: Agent, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': BODY.length };
    request({ agent, host: '127.0.0.1', port, path: '/empty', method: 'POST', headers })
      .on('response', (answer) =>
        answer
          .on('end', () =>
            answer.statusCode === 202 ? resolve() : reject(new Error(`${answer.statusCode}`)),
          )
          .resume(),
      )
      .on('error', reject)
      .end(BODY);
  });

/** Milliseconds of the server's CPU for one request, over so many. */
const cpuMsOf = async ({ child, port }: Server, requests: number): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const before = processCpuSeconds(child.pid!);
  let left = requests;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while ((left -= 1) >= 0) await post(agent, port);
    }),
  );
  agent.destroy();
  return ((processCpuSeconds(child.pid!) - before) * 1000) / requests;
};

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Measures the CPU of an empty POST in each framework, all in one run. */
export const http = async (
  { requests, rounds }: HttpOptions,
  progress: Progress,
): Promise<HttpResult> => {
  const loadAverage = loadavg()[0]!.toFixed(2);
  const servers = await Promise.all(FRAMEWORKS.map(start));
  try {
    await progress.step('servers warm up', async () => {
      for (const server of servers) await cpuMsOf(server, WARM_UP);
    });
    const found = new Map<Framework, number[]>(FRAMEWORKS.map((framework) => [framework, []]));
    for (let round = 0; round < rounds; round += 1)
      await progress.step(`round ${round + 1} of ${rounds}`, async () => {
        for (let turn = 0; turn < servers.length; turn += 1) {
          const server = servers[(round + turn) % servers.length]!;
          found.get(server.framework)!.push(await cpuMsOf(server, requests));
        }
      });
    return {
      bench: 'http',
      cpuMs: Object.fromEntries(
        [...found].map(([framework, values]) => [framework, medianOf(values)]),
      ) as Record<Framework, number>,
      settings: { requests, rounds, loadAverage, cores: cpus().length },
      faults: [],
    };
  } finally {
    for (const { child } of servers) child.kill();
  }
};
