import { TWIN_KEYS } from '@caretab/event-store';
import { freshNamespace, startEventStoreServer } from '@caretab/doubles';
import { openLedger } from '../ledger-store';
import { ledgerInEventStoreDb } from '../../test/ledgers';
import { visitAuditSuite, writeVisit } from '../../test/visit-audit.suite';
import { ProofController } from './proof.controller';

visitAuditSuite(ledgerInEventStoreDb);

test('a fact that was changed on the server is found', async () => {
  const server = await startEventStoreServer();
  const events = await openLedger(
    {
      kind: 'eventstoredb',
      url: server.url.replace(/^esdb/, 'kurrentdb'),
      namespace: freshNamespace(),
    },
    { keys: TWIN_KEYS },
  );
  try {
    const visitId = await writeVisit(events, 'X1');
    server.tamper(`visit-${visitId}`, 4, (event) =>
      Object.assign(event, {
        data: Buffer.from(
          Buffer.from(event.data).toString().replace('"amountFen":200', '"amountFen":201'),
        ),
      }),
    );
    expect(
      await new ProofController(events).proof({
        params: { visitId },
      }),
    ).toMatchObject({
      intact: false,
      faults: [
        { kind: 'content', revision: 4, stream: `visit-${visitId}`, position: expect.any(String) },
      ],
    });
  } finally {
    await events.close();
    await server.stop();
  }
});
