import { ConfigError, isLoopback, type ServiceParts, throttled } from '@caretab/host';
import { inNewFlow, meter } from '@caretab/telemetry';
import type { Static } from '@sinclair/typebox';
import type { GatewayConfig } from '../config';
import type { MllpOptions, MllpServer } from './mllp-server.adapter';
import { MllpTls, type TlsFiles } from './mllp-tls.adapter';
import type { Cut } from './seats';

type Config = Static<typeof GatewayConfig>;
type Parts = ServiceParts<Config>;

const REPORT_INTERVAL_MS = 10_000;

/** One trace per HL7 message, as HTTP requests get theirs from the instrumentation. */
const traced: MllpOptions['traced'] = (work) =>
  inNewFlow('hl7.message', { kind: 'server', service: 'gateway' }, work);

/** The files of TLS, or undefined where none is named. Throws ConfigError for some of them. */
const tlsFilesIn = (config: Config): TlsFiles | undefined => {
  const files = {
    certificate: config.GATEWAY_MLLP_TLS_CERT_FILE,
    key: config.GATEWAY_MLLP_TLS_KEY_FILE,
    authorities: config.GATEWAY_MLLP_TLS_CA_FILE,
    senders: config.GATEWAY_MLLP_SENDERS_FILE,
  };
  const named = Object.values(files).filter((file) => file !== undefined);
  if (named.length === 0) return undefined;
  const faults = [
    ...(named.length < 4
      ? [
          'GATEWAY_MLLP_TLS_CERT_FILE, GATEWAY_MLLP_TLS_KEY_FILE, GATEWAY_MLLP_TLS_CA_FILE, ' +
            'GATEWAY_MLLP_SENDERS_FILE: TLS needs all four',
        ]
      : []),
    ...(config.GATEWAY_MLLP_PLAIN_FROM !== undefined
      ? ['GATEWAY_MLLP_PLAIN_FROM: the port has TLS or is plain, not both']
      : []),
  ];
  if (faults.length > 0) throw new ConfigError('gateway', faults);
  return files as TlsFiles;
};

/** Throws ConfigError where other machines would reach a port without TLS. */
const checkPlain = ({ GATEWAY_MLLP_HOST, GATEWAY_MLLP_PLAIN_FROM }: Config): void => {
  if (GATEWAY_MLLP_PLAIN_FROM !== undefined || isLoopback(GATEWAY_MLLP_HOST)) return;
  throw new ConfigError('gateway', [
    'GATEWAY_MLLP_HOST: other machines reach it, and MLLP proves nothing of its sender. Set ' +
      'GATEWAY_MLLP_TLS_CERT_FILE, GATEWAY_MLLP_TLS_KEY_FILE, GATEWAY_MLLP_TLS_CA_FILE and ' +
      'GATEWAY_MLLP_SENDERS_FILE; or the networks that plain MLLP is taken from, ' +
      'GATEWAY_MLLP_PLAIN_FROM; or listen on 127.0.0.1',
  ]);
};

/**
 * Counts connections that are refused or cut off, and logs them with the last one's address or
 * sender, each kind at most every ten seconds.
 */
const cutIn = ({ clock, logger, config }: Parts): MllpOptions['cut'] => {
  const counter = meter('caretab.gateway').createCounter('caretab.gateway.mllp_cut', {
    description: 'MLLP connections that were refused or cut off, by why',
  });
  const logs = new Map<Cut, () => void>();
  let last = '';
  const logOf = (why: Cut): (() => void) =>
    throttled(clock, REPORT_INTERVAL_MS, (count) =>
      logger.warn(
        { count, why, last, port: config.GATEWAY_MLLP_PORT },
        'MLLP connections refused or cut off',
      ),
    );
  return (why, from) => {
    last = from;
    counter.add(1, { why });
    // An engine that is idle for long is no news.
    if (why === 'idle') return;
    const log = logs.get(why) ?? logOf(why);
    logs.set(why, log);
    log();
  };
};

/** Counts messages in the name of others, and logs them at most every ten seconds. */
const forbiddenIn = ({ clock, logger }: Parts): MllpOptions['forbidden'] => {
  const counter = meter('caretab.gateway').createCounter('caretab.gateway.mllp_forbidden', {
    description: 'HL7 messages for an institution that their certificate may not speak for',
  });
  let last = {};
  const log = throttled(clock, REPORT_INTERVAL_MS, (count) =>
    logger.warn({ count, last }, 'HL7 messages in the name of another institution: refused'),
  );
  return (from, institutionId) => {
    last = { from, institutionId };
    counter.add(1);
    log();
  };
};

/** What the HL7 door listens with. Throws ConfigError where anyone could speak for any hospital. */
export const mllpOptions = (parts: Parts): MllpOptions => {
  const { config, clock, timers } = parts;
  const files = tlsFilesIn(config);
  if (!files) checkPlain(config);
  return {
    host: config.GATEWAY_MLLP_HOST,
    port: config.GATEWAY_MLLP_PORT,
    tls: files && new MllpTls(files, clock),
    plainFrom: config.GATEWAY_MLLP_PLAIN_FROM?.split(','),
    idleTimeoutMs: config.GATEWAY_MLLP_IDLE_TIMEOUT_MS,
    firstByteTimeoutMs: config.GATEWAY_MLLP_FIRST_BYTE_TIMEOUT_MS,
    frameTimeoutMs: config.GATEWAY_MLLP_FRAME_TIMEOUT_MS,
    connectionsMax: config.GATEWAY_MLLP_CONNECTIONS_MAX,
    connectionsPerPeerMax: config.GATEWAY_MLLP_CONNECTIONS_PER_PEER_MAX,
    bytesMax: config.GATEWAY_MLLP_BYTES_MAX,
    timers,
    traced,
    cut: cutIn(parts),
    forbidden: forbiddenIn(parts),
  };
};

/** Gauges of the connections, and of the certificates' ends. */
export const observeMllp = ({ seats }: MllpServer, { tls }: MllpOptions): void => {
  const edge = meter('caretab.gateway');
  const connections = edge.createObservableGauge('caretab.gateway.mllp_connections', {
    description: 'MLLP connections',
  });
  const bytes = edge.createObservableGauge('caretab.gateway.mllp_bytes', {
    description: 'Bytes of messages in flight over MLLP',
  });
  const left = edge.createObservableGauge('caretab.gateway.mllp_certificate_left_seconds', {
    description: 'Seconds until a certificate of the MLLP port ends, by whose it is',
  });
  edge.addBatchObservableCallback(
    (result) => {
      result.observe(connections, seats.counts.connections);
      result.observe(bytes, seats.counts.bytes);
      for (const { sender, seconds } of tls?.secondsLeft() ?? [])
        result.observe(left, seconds, { sender });
    },
    [connections, bytes, left],
  );
};
