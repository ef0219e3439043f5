import type { Instance, Service } from '@caretab/deploy';
import { TcpProxy } from './tcp-proxy';

/** Where the lines' ports begin, counted from the platform's first. */
export const PROXIES_FROM = 40;

/** What a line leads to, and by which name the nemesis speaks of it. */
interface Wanted {
  readonly name: string;
  readonly serverPort: number;
}

export interface ProxyPorts {
  readonly host: string;
  readonly firstPort: number;
  readonly postgres: number;
  readonly kafka: number;
}

const http = (name: string): string => `HTTP of ${name}`;
const mllp = (name: string): string => `MLLP of ${name}`;
const database = (service: Service): string => `${service} to PostgreSQL`;
const KAFKA = 'everybody to Kafka';
/** Ports that a client outside of the process calls and waits for. */
const ASKED: readonly Service[] = ['identity', 'credit', 'visit-ledger', 'gateway'];

/**
 * Every line of a platform under fire: to the doors of each process, from each service to its
 * database, and one to the broker.
 */
export class Proxies {
  private constructor(
    private readonly host: string,
    private readonly lines: ReadonlyMap<string, { readonly line: TcpProxy; readonly port: number }>,
    private readonly instances: readonly Instance[],
  ) {}

  static async open(
    instances: readonly Instance[],
    { host, firstPort, postgres, kafka }: ProxyPorts,
  ): Promise<Proxies> {
    const services = [...new Set(instances.map(({ service }) => service))];
    const wanted: Wanted[] = [
      { name: KAFKA, serverPort: kafka },
      ...services.map((service) => ({ name: database(service), serverPort: postgres })),
      ...instances.map(({ name, port }) => ({ name: http(name), serverPort: port })),
      ...instances.flatMap(({ name, mllpPort }) =>
        mllpPort === undefined ? [] : [{ name: mllp(name), serverPort: mllpPort }],
      ),
    ];
    const lines = new Map<string, { line: TcpProxy; port: number }>();
    for (const [index, { name, serverPort }] of wanted.entries()) {
      const port = firstPort + index;
      lines.set(name, { port, line: await TcpProxy.open({ host, port, serverPort }) });
    }
    return new Proxies(host, lines, instances);
  }

  get kafka(): { readonly name: string; readonly line: TcpProxy; readonly port: number } {
    return { name: KAFKA, ...this.lines.get(KAFKA)! };
  }

  line(name: string): TcpProxy {
    return this.lines.get(name)!.line;
  }

  /** Names of the lines to doors that can break. */
  get doors(): string[] {
    const asked = this.instances.filter(({ service }) => ASKED.includes(service));
    return [
      ...asked.map(({ name }) => http(name)),
      ...asked.flatMap(({ name, mllpPort }) => (mllpPort === undefined ? [] : [mllp(name)])),
    ];
  }

  databaseLine(service: Service): string {
    return database(service);
  }

  databasePort(service: Service): number {
    return this.lines.get(database(service))!.port;
  }

  urlsOf(service: string): string[] {
    return this.instances
      .filter((instance) => instance.service === service)
      .map(({ name }) => `http://${this.host}:${this.lines.get(http(name))!.port}`);
  }

  mllp(): { host: string; port: number }[] {
    return this.instances.flatMap(({ name, mllpPort }) =>
      mllpPort === undefined ? [] : [{ host: this.host, port: this.lines.get(mllp(name))!.port }],
    );
  }

  async heal(): Promise<void> {
    await Promise.all([...this.lines.values()].map(({ line }) => line.heal()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.lines.values()].map(({ line }) => line.close()));
  }
}
