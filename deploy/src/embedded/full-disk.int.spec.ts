import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signerOf } from '@caretab/anchors';
import { PgBus } from '@caretab/bus-postgres';
import { freePort, needs } from '@caretab/doubles';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@caretab/engines';
import { Client } from 'pg';
import { anchorPlacesOf } from '../launch/anchor-places';
import { type SmallDisk, smallDisk } from '../../test/small-disk';
import { type Answer, chargeIdOf, ThreeServices, until } from '../../test/three-services';

const BEFORE = 20;
/**
 * Charges are sent until one is refused; the space that tables and log have already is used up by
 * fewer.
 */
const SENT_MAX = 600;
const REFUSED = 10;
const RECOVERS_BY_ITSELF_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'caretab-full-disk-'));
// The server's user must be able to enter, or its files would lie elsewhere.
chmodSync(folder, 0o755);
const dataDir = join(folder, 'postgres');
const disk: SmallDisk | undefined = smallDisk(dataDir);
let postgres: EmbeddedPostgres;
let bus: PgBus;
let services: ThreeServices;

const answers = async (): Promise<boolean> => {
  const client = new Client({ connectionString: postgres.url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  return client
    .connect()
    .then(() => client.query('select 1'))
    .then(
      () => true,
      () => false,
    )
    .finally(() => void client.end().catch(() => undefined));
};

needs('a disk that tests may fill (mount, or prlimit)', disk !== undefined, () => {
  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ dataDir, port: await freePort() });
    bus = new PgBus({ url: postgres.url });
    const { text: key } = signerOf('caretab/visit-ledger', Buffer.alloc(32, 1));
    const access = { ACCESS_ANCHOR_KEY: Buffer.alloc(32, 2).toString('base64') };
    const settings = { VISIT_LEDGER_ANCHOR_KEY: key, ...access, ...anchorPlacesOf(folder) };
    services = await ThreeServices.start({ bus, databaseUrl: postgres.url, settings });
  }, 120_000);
  afterAll(async () => {
    await services?.stop();
    await bus?.close();
    await postgres?.stop();
    disk!.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test(
    'a full disk: nothing is acknowledged that is lost, and once there is space ' +
      'again everything goes on by itself',
    async () => {
      await services.open();
      const acknowledged: number[] = [];
      for (let number = 0; number < BEFORE; number += 1)
        if ((await services.charge(number)).status < 300) acknowledged.push(number);
      expect(acknowledged).toHaveLength(BEFORE);

      disk!.fill();
      const refusals: Answer[] = [];
      let sent = BEFORE;
      for (; sent < SENT_MAX && refusals.length < REFUSED; sent += 1) {
        const answer = await services
          .charge(sent)
          .catch((error: Error): Answer => ({ status: 599, body: { code: error.name } }));
        if (answer.status < 300) acknowledged.push(sent);
        else refusals.push(answer);
      }
      // Refused as an outage of ours, so the sender retries.
      expect(refusals.length).toBeGreaterThanOrEqual(REFUSED);
      for (const { status, body } of refusals)
        expect({ status, code: body.code }).toEqual({
          status: expect.any(Number) as number,
          code: expect.stringMatching(/^[A-Z_]+$/) as string,
        });
      expect(refusals.filter(({ status }) => status !== 500 && status !== 503)).toEqual([]);

      disk!.free();
      // A server that could not write its log has ended, or is recovering by itself; in the first case
      // it is the operator's to start.
      await sleep(500);
      if (
        !(await until(answers, RECOVERS_BY_ITSELF_MS).then(
          () => true,
          () => false,
        ))
      ) {
        await postgres.stop();
        postgres = await startEmbeddedPostgres({
          dataDir,
          port: Number(new URL(postgres.url).port),
        });
      }
      const all = Array.from({ length: sent }, (_, number) => number);
      // First what was refused, as its sender would: what was acknowledged has to be there without
      // being sent again.
      await services.again(all.filter((number) => !acknowledged.includes(number)));
      await until(() => services.idle());
      expect(await services.onTheLedger()).toEqual(all.map(chargeIdOf));
      await services.again(all);
      await until(() => services.idle());
      expect(await services.onTheLedger()).toEqual(all.map(chargeIdOf));
      expect((await services.ask('GET', '/health')).body).toMatchObject({ status: 'up' });
    },
    180_000,
  );
});
