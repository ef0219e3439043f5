import { systemTimers } from '@caretab/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { PLAIN, gatewayOn, hl7 } from '../../test/gateway';
import { type Seat, Seats } from './seats';
import { MllpConnection } from './mllp-connection.adapter';

test('a sender that does not read its answers is not read further, and goes on where it stopped', async () => {
  const unread: (() => void)[] = [];
  const settled = async (): Promise<void> => {
    while (unread.length === 0) await sleep(1);
    await sleep(20);
  };
  const socket = new Duplex({
    writableHighWaterMark: 1,
    read: () => undefined,
    write: (_chunk, _encoding, done) => void unread.push(done),
  });
  Object.assign(socket, { setTimeout: () => socket, destroySoon: () => socket.destroy() });
  const { hl7Door } = gatewayOn();
  let answered = 0;
  const counting = {
    answers: (bytes: Buffer) => ((answered += 1), hl7Door.answers(bytes, PLAIN)),
    answerBroken: hl7Door.answerBroken,
  };
  const seats = new Seats({ connectionsMax: 1, connectionsPerPeerMax: 1, bytesMax: 1_000_000 });
  const seat = seats.take(() => undefined) as Seat;
  const place = { seats, seat, line: PLAIN, from: '' };
  new MllpConnection(socket as Socket, counting as never, place, {
    idleTimeoutMs: 1000,
    firstByteTimeoutMs: 1000,
    frameTimeoutMs: 1000,
    timers: systemTimers,
    traced: (work) => work(),
    cut: () => undefined,
  });
  for (const controlId of ['M1', 'M2', 'M3'])
    socket.push(
      Buffer.from(`\u000b${hl7('ADT^A04', { controlId, pv1: { 19: controlId } })}\u001c\r`),
    );
  await settled();
  expect([answered, unread.length]).toEqual([1, 1]);
  for (const expected of [2, 3]) {
    unread.shift()!();
    await settled();
    expect([answered, unread.length]).toEqual([expected, 1]);
  }
});
