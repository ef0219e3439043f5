import { once } from 'node:events';
import { readdirSync, readFileSync, appendFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { PERSON, PlatformFake } from '../test/platform-fake';
import { folderOf, NODE_KEY, nodeOn, until } from '../test/node';

const OPENING = {
  ...{ visitClass: 'outpatient', startedAt: '2026-03-02T08:00:00+08:00' },
  credential: { type: 'id-number', value: '330106198006151236' },
};
const charge = (visit: string) => `/v1/visits/HZ001-${visit}/charges`;
const CHARGES = { charges: [{ chargeId: 'C1', amountFen: 100 }] };

let platform: PlatformFake;
const nodes: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  platform = new PlatformFake();
  await platform.start();
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
  await platform.stop();
});

const start = async (folder = folderOf(), more: Parameters<typeof nodeOn>[2] = {}) => {
  const node = await nodeOn(platform.url, folder, more);
  const own = { ...node, folder };
  nodes.push(own);
  return own;
};
const restart = async (node: { stop(): Promise<void>; folder: string }) => {
  nodes.splice(nodes.indexOf(node), 1);
  await node.stop();
  return start(node.folder);
};

describe('messages about visits', () => {
  test('while the platform is there its own answer comes back', async () => {
    const { ask } = await start();
    const sent = { key: 'opening-0001', body: { visitNumber: 'V1', ...OPENING } };
    const { status, body } = await ask('POST', '/v1/visits', sent);
    expect([status, body.visitId]).toEqual([202, 'V']);
    expect((await ask('POST', '/v1/visits', sent)).body).toEqual(body);
    expect(platform.attempts).toHaveLength(1);
    const other = { ...sent, body: { visitNumber: 'V2', ...OPENING } };
    expect((await ask('POST', '/v1/visits', other)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect((await ask('GET', '/v1/visits/HZ001-V1')).body).toEqual({
      path: '/v1/visits/HZ001-V1',
    });
  });

  test('over an outage they are kept, through a restart, and go out in the order of their visit', async () => {
    const node = await start(undefined, { waitMs: 50 });
    platform.isAway = true;
    for (let number = 0; number < 40; number++) {
      const sent = { key: `message-${number + 1000}`, body: { ...CHARGES, number } };
      const { status, headers, body } = await node.ask('POST', charge(`V${number % 4}`), sent);
      expect([status, headers.get('front-node'), body.kept]).toEqual([202, 'kept', true]);
    }
    expect(node.status()).toMatchObject({ status: 'degraded', messages: { waiting: 40 } });
    const again = await restart(node);
    expect(again.status().messages.waiting).toBe(40);
    platform.isAway = false;
    await until(() => again.status().messages.waiting === 0, 40_000);
    expect(platform.took.size).toBe(40);
    for (const visit of ['V0', 'V1', 'V2', 'V3']) {
      const numbers = platform.attempts
        .filter(({ path }) => path === charge(visit))
        .map(({ body }) => body.number);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(numbers).toHaveLength(10);
    }
    const { body } = await again.ask('GET', '/front-node/messages/message-1000');
    expect(body).toMatchObject({ state: 'forwarded', status: 202 });
  });

  test('an answer that was lost is asked for again under the same key', async () => {
    const { ask } = await start(undefined, { waitMs: 5_000 });
    platform.cuts = 1;
    const sent = { key: 'message-cut-1', body: CHARGES };
    expect((await ask('POST', charge('V1'), sent)).body.visitId).toBe('V');
    expect([platform.took.size, platform.attempts.length]).toEqual([1, 2]);
  });

  test('what is refused is kept with its reason, sent as a notice, and goes once it is discarded', async () => {
    const node = await start(undefined, { waitMs: 50 });
    platform.refusals.set('refused-0001', { status: 409, code: 'VISIT_CONFLICT' });
    platform.isAway = true;
    const kept = { key: 'refused-0001', body: CHARGES };
    expect((await node.ask('POST', charge('V1'), kept)).status).toBe(202);
    expect(
      (await node.ask('POST', charge('V1'), { key: 'after-00001', body: CHARGES })).status,
    ).toBe(202);
    platform.isAway = false;
    await until(() => node.status().messages.waiting === 0);
    expect(platform.took.has('after-00001')).toBe(true);
    const { body } = await node.ask('GET', '/front-node/messages?state=refused');
    expect(body.messages).toMatchObject([
      { key: 'refused-0001', status: 409, answer: { code: 'VISIT_CONFLICT' } },
    ]);
    await node.look();
    await node.look();
    expect(platform.notices).toMatchObject([{ key: 'refused-0001', code: 'VISIT_CONFLICT' }]);
    const again = await restart(node);
    await again.look();
    expect(platform.notices).toHaveLength(1);
    expect(again.status().messages.refused).toBe(1);
    const discard = '/front-node/messages/refused-0001/discard';
    expect((await again.ask('POST', discard, { body: {} })).status).toBe(400);
    expect(
      (await again.ask('POST', discard, { body: { why: 'charged at the counter' } })).body.state,
    ).toBe('discarded');
    expect(again.status().messages.refused).toBe(0);
  });

  test('who waits has a refusal as the answer, has no notice of it beside, and may send it corrected', async () => {
    const node = await start();
    platform.refusals.set('refused-0002', { status: 400, code: 'FIELD_INVALID' });
    const sent = { key: 'refused-0002', body: CHARGES };
    const { status, body } = await node.ask('POST', charge('V1'), sent);
    expect([status, body.code]).toEqual([400, 'FIELD_INVALID']);
    await node.look();
    expect(platform.notices).toEqual([]);
    platform.refusals.clear();
    const corrected = { ...sent, body: { charges: [] } };
    expect((await node.ask('POST', charge('V1'), corrected)).status).toBe(202);
    expect(node.status().messages).toMatchObject({ refused: 0, waiting: 0 });
  });

  test('a node that is full says so, and what to do; what it has stays', async () => {
    const { ask, status } = await start(undefined, { messagesMax: 3, waitMs: 20 });
    platform.isAway = true;
    const send = (number: number) =>
      ask('POST', charge(`V${number}`), { key: `message-${number}-full`, body: CHARGES });
    const statuses = await Promise.all([1, 2, 3, 4, 5].map(send));
    expect(statuses.map((one) => one.status).sort()).toEqual([202, 202, 202, 503, 503]);
    const full = statuses.find((one) => one.status === 503)!;
    expect(full.headers.get('retry-after')).toBe('30');
    expect(full.body).toMatchObject({ code: 'FRONT_NODE_FULL', from: 'front-node' });
    expect(status().messages.waiting).toBe(3);
  });

  test('a key of the institution that ended refuses no message: they wait, and the status says why', async () => {
    const { ask, status } = await start(undefined, { waitMs: 50 });
    platform.refusals.set('message-key-1', { status: 401, code: 'UNAUTHENTICATED' });
    const sent = { key: 'message-key-1', body: CHARGES };
    expect((await ask('POST', charge('V1'), sent)).status).toBe(202);
    expect(status().faults.join()).toContain('401 UNAUTHENTICATED');
    platform.refusals.clear();
    await until(() => status().messages.waiting === 0);
  });

  test('one message that fails at the platform holds its visit alone', async () => {
    const { ask, status } = await start();
    platform.refusals.set('message-bad-1', { status: 500, code: 'INTERNAL' });
    await ask('POST', charge('V1'), { key: 'message-bad-1', body: CHARGES });
    const { body } = await ask('POST', charge('V2'), { key: 'message-good-1', body: CHARGES });
    expect(body.visitId).toBe('V');
    expect(status().messages).toMatchObject({ waiting: 1, held: 1 });
    platform.refusals.clear();
    await until(() => status().messages.waiting === 0);
  });
});

describe('codes', () => {
  const read = (code: string, visitNumber?: string) => ({
    body: { type: 'qr', value: code, ...(visitNumber !== undefined && { visitNumber }) },
  });

  test('online the platform says whose it is; again it is a replay, for the same visit the same', async () => {
    const { ask } = await start();
    const code = platform.code();
    const first = await ask('POST', '/front-node/codes/read', read(code, 'V1'));
    expect(first.body).toMatchObject({ verified: true, offline: false, personId: PERSON });
    expect((await ask('POST', '/front-node/codes/read', read(code, 'V1'))).body).toEqual(
      first.body,
    );
    for (const other of [read(code, 'V2'), read(code)])
      expect((await ask('POST', '/front-node/codes/read', other)).body.code).toBe('CODE_USED');
  });

  test('offline it is verified with the cached key; a replay is refused, also after a restart', async () => {
    const node = await start();
    platform.isAway = true;
    const code = platform.code();
    const { body } = await node.ask('POST', '/front-node/codes/read', read(code));
    expect(body).toMatchObject({ verified: true, offline: true });
    expect(body.ages).toEqual({ keysSeconds: expect.any(Number), listSeconds: expect.any(Number) });
    const both = await Promise.all(
      [platform.code()].flatMap((one) =>
        [1, 2, 3].map(() => node.ask('POST', '/front-node/codes/read', read(one))),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
    expect((await node.ask('POST', '/front-node/codes/read', read(code))).body.code).toBe(
      'CODE_USED',
    );
    const again = await restart(node);
    expect((await again.ask('POST', '/front-node/codes/read', read(code))).body.code).toBe(
      'CODE_USED',
    );
    expect(again.status().codes).toMatchObject({ pending: 2 });
  });

  test('a forged, an expired and a lost one are refused, by the platform’s time', async () => {
    platform.offsetMs = 3_600_000;
    platform.refused.push('cd'.repeat(32));
    const { ask, status } = await start();
    expect(Math.abs(status().clock.offsetMs! - 3_600_000)).toBeLessThan(5_000);
    expect(status().faults.join()).toContain('the clock of this machine is off');
    platform.isAway = true;
    const of = async (code: string) =>
      (await ask('POST', '/front-node/codes/read', read(code))).body.code;
    expect(await of(platform.code())).toBeUndefined();
    expect(await of(platform.code({ goodMs: -6_000 }))).toBe('CODE_EXPIRED');
    expect(await of(platform.code({ goodMs: 120_000 }))).toBe('CODE_EXPIRED');
    expect(await of(platform.code().replace(/:app:/, ':apq:'))).toBe('CODE_NOT_VERIFIED');
    expect(await of(platform.code({ cardNumber: 'cd'.repeat(32) }))).toBe('CARD_NOT_VALID');
    expect(await of(`${'cd'.repeat(32)}:1`)).toBe('CARD_NOT_VALID');
    expect(await of(`${'ab'.repeat(32)}:1`)).toBe('PLATFORM_UNAVAILABLE');
  });

  test('one code at two nodes: both took it offline, and the one that comes later learns of it', async () => {
    const [one, other] = [await start(), await start()];
    platform.isAway = true;
    const code = platform.code();
    for (const { ask } of [one, other])
      expect((await ask('POST', '/front-node/codes/read', read(code))).body.verified).toBe(true);
    platform.isAway = false;
    await one.look();
    await other.look();
    expect(one.status().codes).toMatchObject({ pending: 0, usedElsewhere: 0 });
    expect(other.status().codes).toMatchObject({ pending: 0, usedElsewhere: 1 });
    const { body } = await other.ask('GET', '/front-node/codes/used-elsewhere');
    expect(body.reads).toMatchObject([{ answer: { code: 'CODE_USED' } }]);
    expect(JSON.stringify(body)).not.toContain(code);
    expect((await restart(other)).status().codes.usedElsewhere).toBe(1);
  });

  test('a visit is opened offline by a code: it says when it was read, and to one visit alone', async () => {
    const { ask, status } = await start(undefined, { waitMs: 50 });
    platform.isAway = true;
    const code = platform.code();
    const opening = (visitNumber: string, value = code) => ({
      body: { ...OPENING, visitNumber, credential: { type: 'qr', value } },
    });
    const sent = { ...opening('V1'), key: 'opening-code-1' };
    expect((await ask('POST', '/v1/visits', sent)).status).toBe(202);
    expect((await ask('POST', '/v1/visits', sent)).status).toBe(202);
    const second = { ...opening('V2'), key: 'opening-code-2' };
    expect((await ask('POST', '/v1/visits', second)).body.code).toBe('CODE_USED');
    const issued = {
      body: { ...OPENING, visitNumber: 'V3', credential: { type: 'insurance-code', value: 'T-1' } },
    };
    expect((await ask('POST', '/v1/visits', { ...issued, key: 'opening-code-3' })).body.code).toBe(
      'PLATFORM_UNAVAILABLE',
    );
    // Read first, then used for its visit.
    const shown = platform.code();
    await ask('POST', '/front-node/codes/read', read(shown));
    expect(
      (await ask('POST', '/v1/visits', { ...opening('V4', shown), key: 'opening-code-4' })).status,
    ).toBe(202);
    platform.isAway = false;
    await until(() => status().messages.waiting === 0);
    expect([...platform.took.keys()].sort()).toEqual(['opening-code-1', 'opening-code-4']);
    for (const { body } of platform.took.values())
      expect(Math.abs(Date.parse(body.credential.readAt) - Date.now())).toBeLessThan(60_000);
  });

  test('a kiosk applies for a code: the same request has the same', async () => {
    const { ask } = await start();
    const sent = { key: 'apply-0001', body: { idNumber: '330106198006151236', name: '林清和' } };
    const { body } = await ask('POST', '/front-node/codes', sent);
    expect(body.code).toMatch(/^[0-9a-f]{64}:1$/);
    expect((await ask('POST', '/front-node/codes', sent)).body).toEqual(body);
    expect(
      (await ask('POST', '/front-node/codes', { ...sent, key: 'apply-0002' })).body.code,
    ).not.toBe(body.code);
    platform.isAway = true;
    expect((await ask('POST', '/front-node/codes', sent)).body.code).toBe('PLATFORM_UNAVAILABLE');
  });
});

describe('doors and disk', () => {
  test('each door but /health asks for the node’s key, and reads only what it can', async () => {
    const { ask, url } = await start();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await ask('GET', '/front-node/status', { bearer: 'x' })).body.code).toBe(
      'UNAUTHENTICATED',
    );
    expect((await ask('GET', '/nothing')).body.code).toBe('ROUTE_UNKNOWN');
    expect((await ask('GET', '/v1/persons/p-1/visits/../..')).status).toBe(404);
    expect((await ask('POST', '/v1/visits', { key: 'short', body: {} })).body.code).toBe(
      'IDEMPOTENCY_KEY_MISSING',
    );
    expect((await ask('POST', '/v1/visits', { key: 'not-json-1', body: '{' })).body.code).toBe(
      'NOT_JSON',
    );
    const long = { key: 'too-long-1', body: { pad: 'x'.repeat(1_100_000) } };
    expect((await ask('POST', '/v1/visits', long)).body.code).toBe('REQUEST_TOO_LARGE');
    const { body } = await ask('GET', '/front-node/metrics');
    expect(body).toContain('caretab_front_node_platform_reachable 1\n');
  });

  test('no address in a request leads the institution’s key to another machine', async () => {
    const { url } = await start();
    const other = new PlatformFake();
    await other.start();
    const got: unknown[] = [];
    other.server.on('request', (request) => got.push(request.headers));
    const { host, port } = new URL(url);
    const visit = '/v1/visits/HZ001-V1';
    for (const path of [`${other.url}${visit}`, `//${new URL(other.url).host}${visit}`]) {
      const asked = request({
        ...{ host: '127.0.0.1', port, path },
        headers: { host, authorization: `Bearer ${NODE_KEY}` },
      }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
    }
    expect(got).toEqual([]);
    await other.stop();
  });

  test('a path that is no UTF-8 is a fault of the request; a key for something else holds that alone', async () => {
    const { ask, status } = await start();
    for (const path of ['/front-node/messages/%E0%A4', charge('%E0%A4')])
      expect(
        (await ask(path.startsWith('/v1') ? 'POST' : 'GET', path, { key: 'message-utf-1' })).body,
      ).toMatchObject({ code: 'REQUEST_INVALID' });
    platform.refusals.set('message-key-2', { status: 403, code: 'ACCESS_FORBIDDEN' });
    await ask('POST', charge('V1'), { key: 'message-key-2', body: CHARGES });
    expect(status()).toMatchObject({ platform: { reachable: true }, messages: { held: 1 } });
    expect(status().faults.join()).toContain('403 ACCESS_FORBIDDEN');
    platform.refusals.clear();
    await until(() => status().messages.waiting === 0);
  });

  test('nothing on the disk is in clear; another key and a damaged line keep it from starting', async () => {
    const node = await start(undefined, { waitMs: 20 });
    platform.isAway = true;
    for (const number of [1, 2]) {
      const sent = { key: `sealed-000${number}`, body: { visitNumber: 'V1', ...OPENING } };
      await node.ask('POST', '/v1/visits', sent);
    }
    nodes.splice(0);
    await node.stop();
    const file = join(node.folder, 'journal', readdirSync(join(node.folder, 'journal'))[0]!);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(OPENING.credential.value);
    await expect(start(node.folder, { dataKey: 'ef'.repeat(32) })).rejects.toThrow('DATA_KEY');
    // What a crash cut off was not acknowledged.
    appendFileSync(file, text.slice(0, 40));
    const again = await start(node.folder);
    expect(again.status().messages.waiting).toBe(2);
    nodes.splice(0);
    await again.stop();
    expect(readFileSync(file, 'utf8')).toBe(text);
    writeFileSync(
      file,
      text.replace(/./, (first) => (first === '0' ? '1' : '0')),
    );
    await expect(start(node.folder)).rejects.toThrow('damaged');
  });

  test('two nodes never run on one folder', async () => {
    const { folder } = await start();
    writeFileSync(join(folder, 'node.pid'), '1');
    await expect(nodeOn(platform.url, folder)).rejects.toThrow('Process 1 runs');
  });
});
