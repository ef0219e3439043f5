import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { authority, type Certified } from '@caretab/doubles';
import { Api, framed, type MllpAddress, MllpConnection, pause } from '@caretab/hospital';
import fc from 'fast-check';
import type { Amount } from './bus';
import { inputsOf } from './mutants';
import { summaryOf } from './platform-checks';
import { sideBySide, Tally } from './tally';

const HOST = '127.0.0.1';
const MAIN = join(__dirname, '../../../deploy/dist/embedded/main.js');
const START_MAX_MS = 180_000;
const ANSWER_TIMEOUT_MS = 20_000;
const HANDS = 8;
/** Whose messages the engine may send, and whose it may not. */
const [OWN, OTHER] = ['HZ001', 'HZ555'];

const FORGERIES = [
  'of an authority that we do not know',
  'with the engine’s name, signed by itself',
  'that expired',
  'that no list names',
  'of the gateway itself',
  'with another’s key',
] as const;
const WITHOUT = ['no certificate', 'no TLS', 'no handshake'] as const;
type Caller = 'the engine' | (typeof FORGERIES)[number] | (typeof WITHOUT)[number];

/** A city's authority, the gateway's and an engine's certificates, and forgeries of the latter. */
const certificates = () => {
  const ours = authority('City authority');
  const engine = ours.certifies('engine');
  const gateway = ours.certifies('gateway');
  const unlisted = ours.certifies('engine');
  const forged: Readonly<Record<(typeof FORGERIES)[number], Certified>> = {
    'of an authority that we do not know': authority('City authority').certifies('engine'),
    'with the engine’s name, signed by itself': selfSigned(),
    'that expired': ours.certifies('engine', new Date('2025-01-01T00:00:00Z')),
    'that no list names': unlisted,
    'of the gateway itself': gateway,
    'with another’s key': { cert: engine.cert, key: unlisted.key },
  };
  return { ours, engine, gateway, forged };
};

const selfSigned = (): Certified => {
  const { ca: cert, key } = authority('engine');
  return { cert, key };
};

/** A platform with TLS on its MLLP port, a process of its own. */
const startPlatform = async (
  folder: string,
  port: number,
  { ours, engine, gateway }: ReturnType<typeof certificates>,
): Promise<{ readonly api: Api; readonly stop: () => Promise<void> }> => {
  mkdirSync(folder, { recursive: true });
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const { fingerprint256: fingerprint } = new X509Certificate(engine.cert);
  const sender = { name: 'engine', fingerprint, institutions: [OWN] };
  const files = {
    GATEWAY_MLLP_TLS_CERT_FILE: put('cert.pem', gateway.cert),
    GATEWAY_MLLP_TLS_KEY_FILE: put('key.pem', gateway.key),
    GATEWAY_MLLP_TLS_CA_FILE: put('ca.pem', ours.ca),
    GATEWAY_MLLP_SENDERS_FILE: put('senders.json', JSON.stringify({ senders: [sender] })),
  };
  const data = join(folder, 'data');
  const at = ['--data', data, '--port', String(port), '--mllp-port', String(port + 4)];
  const env = { ...process.env, ...files, LOG_LEVEL: 'fatal' };
  const child = spawn(process.execPath, [MAIN, '--fresh', '--idle', ...at], {
    ...{ env, stdio: 'ignore' },
  });
  const api = await ready(child, data, `http://${HOST}:${port}`);
  for (const institutionId of [OWN, OTHER])
    await api.put(`/identity/institutions/${institutionId}`, {
      ...{ name: institutionId, level: 'level-3', facility: institutionId },
    });
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  return { api, stop };
};

const ready = async (child: ChildProcess, data: string, url: string): Promise<Api> => {
  for (const endsAtMs = performance.now() + START_MAX_MS; performance.now() < endsAtMs;) {
    if (child.exitCode !== null) throw new Error(`the platform ended: ${child.exitCode}`);
    try {
      const secrets = readFileSync(join(data, 'secrets.json'), 'utf8');
      const api = new Api(() => [url], (JSON.parse(secrets) as Secrets).OPERATOR_KEY);
      await summaryOf(api);
      return api;
    } catch {
      await pause(500);
    }
  }
  child.kill('SIGTERM');
  throw new Error('the platform with TLS did not start in time');
};

export interface CertificateTrial {
  readonly folder: string;
  readonly port: number;
  /** Of whom the messages are. */
  readonly citizens: readonly {
    readonly name: string;
    readonly idNumber: string;
    readonly mobile: string;
  }[];
}

interface Secrets {
  readonly OPERATOR_KEY: string;
}

interface Input {
  readonly caller: Caller;
  readonly facility: string;
  readonly text: string;
  readonly noise: Uint8Array;
}

const inputs = (samples: readonly string[]): fc.Arbitrary<Input> =>
  fc
    .record({
      caller: fc.constantFrom<Caller>('the engine', 'the engine', ...FORGERIES, ...WITHOUT),
      facility: fc.constantFrom(OWN!, OTHER!),
      text: fc.constantFrom(...samples),
      id: fc.uuid(),
      noise: fc.uint8Array({ minLength: 1, maxLength: 400 }),
    })
    .map(({ text, id, ...input }) => ({
      ...input,
      text: text
        .replace(/^(MSH(?:\|[^|\r]*){2}\|)[^|\r]*/, `$1${input.facility}`)
        .replace(/^(MSH(?:\|[^|\r]*){8}\|)[^|\r]*/, `$1${id.slice(0, 20)}`),
    }));

/**
 * Connections to the MLLP port by any caller: the engine's own certificate speaks for its institution and
 * no other; any other caller gets no answer, and nothing of theirs is accepted.
 */
export const fuzzCertificates = async (
  { folder, port, citizens }: CertificateTrial,
  texts: readonly string[],
  { count, seed, progress }: Amount,
): Promise<Tally> => {
  const tally = new Tally('certificates');
  const made = certificates();
  const samples = texts.filter((text) => /^MSH\|.*\|DFT\^P03/.test(text));
  const { api, stop } = await startPlatform(folder, port, made);
  try {
    for (const { name, idNumber, mobile } of citizens)
      await api.post('/identity/persons', { name, idNumber, mobile });
    let accepted = 0;
    await sideBySide(inputsOf(inputs(samples), count, seed), HANDS, async (input) => {
      tally.sent += 1;
      const answer = await answerTo(input, { host: HOST, port: port + 4 }, made);
      accepted += judged(tally, input, answer);
      progress(tally.sent);
    });
    const recorded = (await summaryOf(api)).accepted;
    tally.check(recorded === accepted, `${accepted} events acknowledged, ${recorded} recorded`);
    tally.check(count < 100 || accepted > 0, 'the engine itself was never heard');
  } finally {
    await stop();
  }
  return tally;
};

/** The remark of MSA after its code; undefined: the connection was refused, or gave no answer. */
const answerTo = async (
  { caller, text, noise }: Input,
  address: MllpAddress,
  { ours, engine, forged }: ReturnType<typeof certificates>,
): Promise<string | undefined> => {
  if (caller === 'no handshake') return answerToNoise(address, noise);
  const whose = caller === 'the engine' ? engine : (forged as Record<string, Certified>)[caller];
  const tls =
    caller === 'no TLS' ? undefined : { ca: ours.ca, ...(whose ?? { cert: '', key: '' }) };
  const line = await MllpConnection.open({ ...address, tls }).catch(() => undefined);
  if (!line) return undefined;
  line.write(framed(Buffer.from(text, 'utf8')));
  const answer = await line.answer(ANSWER_TIMEOUT_MS);
  line.destroy();
  return answer === undefined ? undefined : (/(?:^|\r)MSA\|(.*)/.exec(answer)?.[1] ?? answer);
};

/** Bytes that are no TLS: the port may send an alert, and nothing that is HL7. */
const answerToNoise = (
  { host, port }: MllpAddress,
  noise: Uint8Array,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    let received = '';
    const socket = connect({ host, port }, () => socket.end(noise));
    socket
      .setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy())
      .on('data', (bytes: Buffer) => void (received += bytes.toString('latin1')))
      .on('error', () => undefined)
      .on('close', () => resolve(received.includes('MSA|') ? received : undefined));
  });

const CERTIFIED: ReadonlySet<Caller> = new Set(['that no list names', 'of the gateway itself']);

/** How many events were acknowledged. */
const judged = (tally: Tally, { caller, facility }: Input, answer: string | undefined): number => {
  const [code, , remark = ''] = (answer ?? '').split('|');
  const isForbidden = code === 'AR' && remark.includes('SENDER_FORBIDDEN');
  if (caller !== 'the engine') {
    // Whom our authority certified learns that no list names them.
    const isKnown = isForbidden && CERTIFIED.has(caller);
    if (answer === undefined || isKnown)
      tally.count(`${caller}: ${isKnown ? 'refused' : 'no answer'}`);
    else tally.fault(`a caller ${caller} was answered`);
    return 0;
  }
  if (answer === undefined) {
    tally.fault('the engine was not answered');
    return 0;
  }
  if (isForbidden !== (facility === OTHER))
    tally.fault(`the engine spoke for ${facility === OWN ? 'its own' : 'another'}: ${code}`);
  else tally.count(isForbidden ? 'another’s message, refused' : 'the engine’s own, answered');
  return Number(/accepted as (\d+)/.exec(remark)?.[1] ?? 0);
};
