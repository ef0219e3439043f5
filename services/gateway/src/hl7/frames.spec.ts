import { FrameReader } from './frames';

const bytes = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll('<VT>', '\u000b').replaceAll('<FS>', '\u001c').replaceAll('<CR>', '\r'),
    'latin1',
  );
const read = (reader: FrameReader, text: string) =>
  reader
    .push(bytes(text))
    .map((frame) => [frame.bytes.toString('latin1'), ...(frame.fault ? [frame.fault] : [])]);

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
    ['\nMSH|two', 'FRAME_START_MISSING'],
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
