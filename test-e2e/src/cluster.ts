import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Launcher } from './launcher';
import { type Address, removeFolder, temporaryFolder } from './platform';
import { freePorts, type Ports } from './ports';

const HOST = '127.0.0.1';
/** In the order of their ports, which follow the sandbox's three. */
const SERVICES = [
  'identity',
  'credit',
  'adjudication',
  'visit-ledger',
  'payment',
  'notification',
] as const;
const FIRST_SERVICE_PORT = 4;
const PORTS_NEEDED = FIRST_SERVICE_PORT + SERVICES.length + 1;
/**
 * Kafka, PostgreSQL and seven processes on a machine that may have two cores, and may have to fetch
 * Kafka first.
 */
const START_TIMEOUT_MS = 240_000;

/**
 * The platform with a process per service over Kafka, from outside. The broker is the tier's
 * (KAFKA_BROKERS), else one of its own.
 */
export class Cluster {
  private constructor(
    private readonly folder: string,
    private readonly ports: Ports,
    private readonly launcher: Launcher,
  ) {}

  /**
   * Starts on free ports in an empty temporary folder, without the sample day. `settings`: further
   * environment variables, of every process.
   */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const folder = temporaryFolder();
    const ports = await freePorts(PORTS_NEEDED);
    const brokers = process.env['KAFKA_BROKERS'];
    const options = [
      '--idle',
      '--data',
      join(folder, 'data'),
      '--port',
      String(ports.port),
      '--mllp-port',
      String(ports.mllpPort),
    ];
    const cluster = new Cluster(
      folder,
      ports,
      new Launcher(
        options,
        { LOG_LEVEL: 'debug', ...(brokers && { KAFKA_BROKERS: brokers }), ...settings },
        'cluster',
      ),
    );
    try {
      await cluster.launcher.says('CareTab is up', START_TIMEOUT_MS);
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  get address(): Address {
    const { port, mllpPort } = this.ports;
    const serviceUrls = Object.fromEntries(
      SERVICES.map((service, index) => [
        service,
        `http://${HOST}:${port + FIRST_SERVICE_PORT + index}`,
      ]),
    );
    return {
      url: `http://${HOST}:${port}`,
      host: HOST,
      mllpPort,
      dataDir: join(this.folder, 'data'),
      serviceUrls,
    };
  }

  /** Everything that the launcher printed and every process of it logged. */
  get log(): string {
    const logs = join(this.folder, 'data', 'logs');
    const files = existsSync(logs)
      ? readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'))
      : [];
    return [this.launcher.output, ...files].join('\n');
  }

  async remove(): Promise<void> {
    await this.launcher.stop();
    await removeFolder(this.folder);
  }
}
