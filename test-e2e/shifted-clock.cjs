// Loaded into a process before anything else (`node --require`): the machine's clock, set by a file
// that holds how many milliseconds it is ahead. The file may change at any moment, as a clock may.
// Timers are not moved: they count by a clock that nobody sets.
const { readFileSync } = require('node:fs');

const file = process.env.SHIFTED_CLOCK_FILE;
const MachineDate = Date;
let aheadMs = 0;

const look = () => {
  try {
    aheadMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    aheadMs = 0;
  }
};

const now = () => MachineDate.now() + aheadMs;

if (file) {
  look();
  setInterval(look, 50).unref();
  globalThis.Date = class Date extends MachineDate {
    constructor(...args) {
      super(...(args.length === 0 ? [now()] : args));
    }

    static now() {
      return now();
    }
  };
}
