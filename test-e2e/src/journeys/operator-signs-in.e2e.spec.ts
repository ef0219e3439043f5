import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, eventually } from '@caretab/hospital';
import { caretabByTwo, caretabSettings, PROGRAM, type Ran } from '../caretab';
import { World } from '../world';

const world = new World('operator-signs-in');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** One person's terminal: a folder of their own, and no operators’ key in the environment. */
const terminal = () => {
  const folder = mkdtempSync(join(tmpdir(), 'caretab-signs-in-'));
  folders.push(folder);
  const run = (args: readonly string[], input = ''): Ran => {
    const { OPERATOR_KEY: _, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      env: { ...env, ...caretabSettings(world), CARETAB_CONFIG: folder },
      ...{ encoding: 'utf8', timeout: 30_000, input },
    });
    return { status, out: stdout, err: stderr };
  };
  return { folder, run };
};

/** The security administrators of the platform register a person; what the person signs in with. */
const registered = async (name: string, ...roles: readonly string[]) => {
  const caretab = caretabByTwo(world);
  const asked = roles.flatMap((role) => ['--role', role]);
  expect(await caretab('staff', 'add', name, ...asked)).toMatchObject({ status: 0 });
  const { password, totpUri } = JSON.parse((await caretab('staff', 'sign-in', name)).out);
  return { secrets: () => `${password}\n${codeOf(totpUri)}\n`, password, totpUri };
};

test('an operator signs in on the command line and acts, a second person approves, sign-out ends it', async () => {
  const { institutionId } = await world.hospital();
  const [alice, bob] = [terminal(), terminal()];
  const ofAlice = await registered('e2e-alice', 'SecurityAdmin');
  const ofBob = await registered('e2e-bob', 'SecurityAdmin');

  const wrong = alice.run(['sign-in', '--as', 'e2e-alice'], 'wrong\n000000\n');
  expect(wrong).toMatchObject({ status: 1, err: expect.stringContaining('SIGN_IN_REFUSED') });
  const half = alice.run(['sign-in', '--as', 'e2e-alice'], 'only-a-password');
  expect(half).toMatchObject({ status: 1, err: expect.stringContaining('one-time code') });
  const inside = alice.run(['sign-in', '--as', 'e2e-alice'], ofAlice.secrets());
  expect(inside).toMatchObject({ status: 0, out: expect.stringContaining('e2e-alice') });
  const [file = ''] = readdirSync(alice.folder);
  expect(statSync(join(alice.folder, file)).mode & 0o777).toBe(0o600);
  const kept = readFileSync(join(alice.folder, file), 'utf8');
  for (const secret of [ofAlice.password, new URL(ofAlice.totpUri).searchParams.get('secret')!])
    expect(kept + inside.out + inside.err).not.toContain(secret);
  expect(bob.run(['sign-in', '--as', 'e2e-bob'], ofBob.secrets())).toMatchObject({ status: 0 });

  const renew = ['keys', 'renew', '--institution', institutionId];
  const asked = alice.run(renew);
  const [, approvalId = ''] = /approvalId: "([^"]+)"/.exec(asked.err) ?? [];
  expect(asked.err).toContain('APPROVAL_NEEDED');
  const bySelf = alice.run(['approvals', 'give', 'identity', approvalId]);
  expect(bySelf.err).toContain('APPROVAL_SAME_SUBJECT');
  const given = bob.run(['approvals', 'give', 'identity', approvalId]);
  expect(JSON.parse(given.out)).toMatchObject({ requestedBy: 'e2e-alice', state: 'given' });
  expect(alice.run([...renew, '--approval', approvalId])).toMatchObject({ status: 0 });
  // What her office may not do, she may not: the operators' key of the folder is not used.
  expect(alice.run(['payouts', 'show', '2026-03-02']).err).toContain('ACCESS_FORBIDDEN');

  const header = alice.run(['auth']).out.trim().slice('Authorization: '.length);
  const status = async () =>
    (await world.api.askAs({ authorization: header }, 'GET', '/identity/subjects')).status;
  expect(await status()).toBe(200);
  expect(alice.run(['sign-out'])).toMatchObject({ status: 0, out: 'e2e-alice is signed out\n' });
  expect(readdirSync(alice.folder)).toEqual([]);
  await eventually(async () => expect(await status()).toBe(401));
  expect(bob.run(['staff', 'list'])).toMatchObject({ status: 0 });
  expect(bob.run(['staff', 'end', 'e2e-alice'])).toMatchObject({ status: 0 });
  const again = alice.run(['sign-in', '--as', 'e2e-alice'], ofAlice.secrets());
  expect(again.err).toContain('SIGN_IN_REFUSED');
  expect(bob.run(['staff', 'list']).out).toMatch(/^e2e-alice +SecurityAdmin +ended /m);
  await world.api.done('DELETE', '/identity/subjects/e2e-bob');
});

test('a member of staff gets other roles, and a token of the roles before is void', async () => {
  const carol = terminal();
  const { secrets } = await registered('e2e-carol', 'Desk,institution=HZ001');
  expect(carol.run(['sign-in', '--as', 'e2e-carol'], secrets())).toMatchObject({ status: 0 });
  const header = carol.run(['auth']).out.trim().slice('Authorization: '.length);
  const caretab = caretabByTwo(world);
  expect((await caretab('staff', 'add', 'e2e-carol', '--role', 'Finance')).err).toContain(
    'staff roles',
  );
  const changed = await caretab('staff', 'roles', 'e2e-carol', '--role', 'Finance');
  expect(changed).toMatchObject({ status: 0 });
  const path = '/visit-ledger/trial-balance';
  const { status } = await world.api.askAs({ authorization: header }, 'GET', path);
  expect([401, 403]).toContain(status);
  await eventually(async () => {
    const answer = await world.api.askAs({ authorization: header }, 'GET', path);
    expect(answer.status).toBe(401);
  });
  await world.api.done('DELETE', '/identity/subjects/e2e-carol');
});
