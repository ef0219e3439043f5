import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PgBus } from '@caretab/bus-postgres';
import { freePort, needs, testDatabase, type TestDatabase } from '@caretab/doubles';
import { encoded, hl7Of, type ReportedVisit, sendOnce, UTF8 } from '@caretab/hospital';
import { AT, PATIENT, ThreeServices, until } from '../../test/three-services';
import { certificates, hasOpenssl, PROGRAM } from './certificates';

needs('openssl', hasOpenssl(), () => {
  const made: string[] = [];
  const folderOf = (...args: readonly string[]): string => {
    made.push(certificates(...args));
    return made.at(-1)!;
  };
  afterAll(() => made.forEach((folder) => rmSync(dirname(folder), { recursive: true })));

  /** What a hospital with a certificate of one folder needs to trust the gateway of another. */
  const engineOf = (folder: string, name: string, trusted = folder) => ({
    ca: readFileSync(join(trusted, 'gateway/ca.crt'), 'utf8'),
    cert: readFileSync(join(folder, 'engines', `${name}.crt`), 'utf8'),
    key: readFileSync(join(folder, 'engines', `${name}.key`), 'utf8'),
  });

  describe('a gateway that is given them', () => {
    const folder = folderOf('--engine', 'group=HZ001');
    let [port, messages] = [0, 0];
    let database: TestDatabase;
    let bus: PgBus;
    let services: ThreeServices;
    beforeAll(async () => {
      database = await testDatabase();
      bus = new PgBus({ url: database.url });
      port = await freePort();
      services = await ThreeServices.start({
        bus,
        databaseUrl: database.url,
        settings: {
          GATEWAY_MLLP_PORT: String(port),
          GATEWAY_MLLP_TLS_CERT_FILE: join(folder, 'gateway/tls.crt'),
          GATEWAY_MLLP_TLS_KEY_FILE: join(folder, 'gateway/tls.key'),
          GATEWAY_MLLP_TLS_CA_FILE: join(folder, 'gateway/ca.crt'),
          GATEWAY_MLLP_SENDERS_FILE: join(folder, 'gateway/senders.json'),
        },
      });
      for (const id of ['HZ001', 'HZ002']) await services.hospital(id);
      await services.patient();
    });
    afterAll(async () => {
      await services?.stop();
      await bus?.close();
      await database?.drop();
    });

    const opened = async (institutionId: string, tls?: ReturnType<typeof engineOf>) => {
      messages += 1;
      const visit: ReportedVisit = {
        institutionId,
        visitNumber: `V${messages}`,
        visitClass: 'outpatient',
        department: 'CARD',
        startedAt: AT,
        patient: { ...PATIENT, recordNumber: `MR-${messages}` },
      };
      const text = hl7Of(visit, { kind: 'start', at: AT }, { controlId: `M${messages}` });
      const to = { host: '127.0.0.1', port, tls };
      const { code, errors } = await sendOnce(to, encoded(text, UTF8));
      return [code, ...errors.map((error) => error.code)].join(' ');
    };

    test('takes the messages of an engine for its institutions, which may grow while it runs', async () => {
      const group = engineOf(folder, 'group');
      expect(await opened('HZ001', group)).toBe('AA');
      expect(await opened('HZ002', group)).toBe('AR SENDER_FORBIDDEN');
      execFileSync(process.execPath, [PROGRAM, folder, '--engine', 'group=HZ001,HZ002']);
      await until(async () => (await opened('HZ002', group)) === 'AA');
    });

    test('takes none of an engine that another authority certified, and none without TLS', async () => {
      const foreign = engineOf(folderOf('--engine', 'group=HZ001'), 'group', folder);
      await expect(opened('HZ001', foreign)).rejects.toThrow(/closed|ECONNRESET/);
      await expect(opened('HZ001')).rejects.toThrow(/closed|ECONNRESET/);
    });
  });

  test('what is there stays, each engine has its own, and only the owner enters the folder', () => {
    const folder = folderOf('--engine', 'group=HZ001');
    const before = engineOf(folder, 'group');
    execFileSync(process.execPath, [PROGRAM, folder, '--engine', 'village=HZ003']);
    expect(engineOf(folder, 'group')).toEqual(before);
    const { senders } = JSON.parse(readFileSync(join(folder, 'gateway/senders.json'), 'utf8'));
    expect(senders).toMatchObject([
      { name: 'group', institutions: ['HZ001'] },
      { name: 'village', institutions: ['HZ003'] },
    ]);
    expect(senders[0].fingerprint).not.toBe(senders[1].fingerprint);
    expect(readdirSync(join(folder, 'gateway')).sort()).toEqual([
      'ca.crt',
      'senders.json',
      'tls.crt',
      'tls.key',
    ]);
    if (process.platform !== 'win32') expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test.each([
    [['--engine', 'group'], /see the top of the file/],
    [['--engine', 'group=hz001'], /see the top of the file/],
    [['--engines', 'group=HZ001'], /see the top of the file/],
  ])('%j is refused', (args, said) => {
    expect(() => certificates(...args)).toThrow(said);
  });

  test('a folder with files of others is left alone', () => {
    expect(() => execFileSync(process.execPath, [PROGRAM, __dirname], { stdio: 'pipe' })).toThrow(
      /has other files: choose an empty folder/,
    );
  });
});
