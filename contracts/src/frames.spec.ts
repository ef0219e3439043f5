import { FrameReader } from './frames';

const bytes = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll('<VT>', '\u000b').replaceAll('<FS>', '\u001c').replaceAll('<CR>', '\r'),
    'latin1',
  );
const read = (reader: FrameReader, text: string) =>
  [...reader.push(bytes(text))].map((frame) => [
    frame.bytes.toString('latin1'),
    ...(frame.fault ? [frame.fault] : []),
  ]);

test('two frames in one packet are two', () =>
  expect(read(new FrameReader(), '<VT>one<FS><CR><VT>two<FS><CR>')).toEqual([['one'], ['two']]));

test('an end mark split over two packets is an end mark', () => {
  const reader = new FrameReader();
  expect(read(reader, '<VT>one<FS>')).toEqual([]);
  expect(read(reader, '<CR><VT>tw')).toEqual([['one']]);
  expect(read(reader, 'o<FS><CR>')).toEqual([['two']]);
});

test('a frame that another begins inside was cut off; the other is whole', () =>
  expect(read(new FrameReader(), '<VT>on<VT>two<FS><CR>')).toEqual([
    ['on', 'FRAME_TRUNCATED'],
    ['two'],
  ]));

test('an end mark without its CR ends nothing', () =>
  expect(read(new FrameReader(), '<VT>one<FS>x<VT>two<FS><CR>')).toEqual([
    ['one', 'FRAME_TRUNCATED'],
    ['x', 'FRAME_START_MISSING'],
    ['two'],
  ]));

test('bytes outside of a frame are kept as a fault, line ends between frames are not', () =>
  expect(read(new FrameReader(), '\r\n<VT>one<FS><CR>\nMSH|two<FS><CR><VT>three<FS><CR>')).toEqual([
    ['one'],
    ['MSH|two', 'FRAME_START_MISSING'],
    ['three'],
  ]));

test('what the end of the stream cuts off is told', () => {
  const reader = new FrameReader();
  read(reader, '<VT>MSH|half');
  expect(reader.end().map(({ fault }) => fault)).toEqual(['FRAME_TRUNCATED']);
  expect(reader.end()).toEqual([]);
});

test('a frame that never ends is given up at the limit', () => {
  const reader = new FrameReader(10);
  expect(read(reader, '<VT>12345')).toEqual([]);
  expect(read(reader, '67890123')).toEqual([
    ['1234567890', 'FRAME_TOO_LONG'].map((text, index) =>
      index === 0 ? expect.stringMatching(/^1234567890/) : text,
    ),
  ]);
});

test('however the bytes are cut into packets, the frames are the same', () => {
  const text = '<VT>one<FS>x<VT>tw<VT>three<FS><CR>\rnoise<VT>four<FS><CR>\n<VT>five';
  const frames = (packets: readonly string[]) => {
    const reader = new FrameReader(6);
    const found = packets.flatMap((packet) => read(reader, packet));
    return [...found, reader.waitingBytes];
  };
  const whole = frames([text]);
  expect(whole).toHaveLength(7);
  expect(frames([...bytes(text).toString('latin1')])).toEqual(whole);
  for (let at = 1; at < bytes(text).length; at += 1) {
    const raw = bytes(text).toString('latin1');
    expect(frames([raw.slice(0, at), raw.slice(at)])).toEqual(whole);
  }
});

test('a frame of as many bytes as it may have is whole, and one more is too many', () => {
  expect(read(new FrameReader(3), '<VT>abc<FS><CR>')).toEqual([['abc']]);
  expect(read(new FrameReader(3), '<VT>abcd<FS><CR>')).toEqual([['abc', 'FRAME_TOO_LONG']]);
});

test('start marks without a byte between them are nothing', () =>
  expect(read(new FrameReader(), '<VT><VT><FS>\n<VT>one<FS><CR>')).toEqual([['one']]));

test('line ends alone are never kept, and begin nothing', () => {
  const reader = new FrameReader(4);
  expect(read(reader, '\r\n\r\n\r\n\r\n')).toEqual([]);
  expect([reader.waitingBytes, reader.isUnfinished]).toEqual([0, false]);
  read(reader, '<VT>');
  expect([reader.waitingBytes, reader.isUnfinished]).toEqual([0, true]);
});

test('a packet of marks alone is read in one walk, and cut up only as it is asked for', () => {
  const packet = Buffer.alloc(4 * 1024 * 1024, bytes('<VT>x'));
  const looked: number[] = [];
  const { indexOf } = packet;
  packet.indexOf = (...given: readonly unknown[]) => {
    const at = indexOf.apply(packet, given as Parameters<typeof indexOf>);
    looked.push((at < 0 ? packet.length : at) - Number(given[1]));
    return at;
  };
  let frames = 0;
  const reader = new FrameReader();
  for (const _ of reader.push(packet)) if ((frames += 1) === 2000) break;
  expect(frames).toBe(2000);
  // FS is looked for once, to the end of the packet; VT from one to the next.
  expect(looked.reduce((sum, count) => sum + count, 0)).toBeLessThan(packet.length + 5_000);
});
