import { request } from 'node:http';
import { Client } from 'pg';
import { untilQuiet } from '../account';
import { chargePosted, onTheWire } from '../charges';
import type { Ledger, Machine } from '../machine';
import { Parties } from '../parties';
import type { Progress } from '../progress';
import { type Site, startSite } from '../site';
import { seed, TEMPLATES, type Templates, templatesIn } from './seed';

const CHARGES_AT_ONCE = 1_000;

/** A ledger whose log grows while it is stopped. */
export class GrowingSite {
  private visits = TEMPLATES;

  private constructor(
    readonly site: Site,
    readonly parties: Parties,
    readonly client: Client,
    private readonly parts: {
      readonly machine: Machine;
      readonly progress: Progress;
      readonly templates: Templates;
      readonly environment: Readonly<Record<string, string>>;
    },
  ) {}

  /** Opens the first visits, and posts so many charges for each of them. */
  static async start(
    machine: Machine,
    progress: Progress,
    { charges, environment = {} }: { charges: number; environment?: Record<string, string> },
  ): Promise<GrowingSite> {
    const site = await startSite({ bus: 'postgres', partitions: undefined }, machine, progress);
    const parties = new Parties(site.bus);
    await parties.start();
    machine.onClean(() => parties.stop());
    await parties.register();
    await untilQuiet(site.ledger);
    await progress.step('the first visits', async (update) => {
      const visits = await parties.open(TEMPLATES, 'spread', update);
      const { book } = parties;
      const messages = Array.from({ length: (charges - 1) * TEMPLATES }, (_, at) =>
        onTheWire(chargePosted(visits[at % TEMPLATES]!, book.publish(performance.now()))),
      );
      for (let at = 0; at < messages.length; at += CHARGES_AT_ONCE)
        await parties.post(messages.slice(at, at + CHARGES_AT_ONCE));
      await parties.settled();
      await untilQuiet(site.ledger);
    });
    await site.ledger.stop();
    const client = new Client({ connectionString: site.database.url });
    await client.connect();
    machine.onClean(() => client.end());
    const templates = await templatesIn(client);
    const all = { ...site.environment, ...environment };
    return new GrowingSite(site, parties, client, {
      ...{ machine, progress, templates, environment: all },
    });
  }

  /** Brings the log to so many visits. No ledger may run. */
  async growTo(visits: number): Promise<void> {
    const { progress, templates } = this.parts;
    await progress.step(`a log of ${visits.toLocaleString('en')} visits`, async (update) => {
      await seed(this.client, templates, { from: this.visits, to: visits }, update);
      this.visits = Math.max(this.visits, visits);
      this.parties.know(this.visits);
      await this.client.query('vacuum (analyze)');
    });
  }

  ledger(): Promise<Ledger> {
    const { machine, environment } = this.parts;
    return machine.ledger({ profileDir: undefined }, environment);
  }
}

/** Asks for a rebuild of the views; the answer may take longer than `fetch` waits. */
export const rebuildViews = ({ url }: Ledger): Promise<{ readonly events: number }> =>
  new Promise((resolve, reject) => {
    request(`${url}/visit-ledger/views/rebuild`, { method: 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(JSON.parse(text) as { events: number })
          : reject(new Error(`the rebuild answered ${response.statusCode}: ${text}`)),
      );
    })
      .on('error', reject)
      .end();
  });
