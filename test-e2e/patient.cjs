// What starts a whole platform, or an engine, may do so on a busy machine.
jest.setTimeout(300_000);
