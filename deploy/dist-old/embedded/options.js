"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
function _export(target, all) {
    for(var name in all)Object.defineProperty(target, name, {
        enumerable: true,
        get: Object.getOwnPropertyDescriptor(all, name).get
    });
}
_export(exports, {
    get Usage () {
        return Usage;
    },
    get optionsOf () {
        return optionsOf;
    }
});
const _nodepath = require("node:path");
let Usage = class Usage extends Error {
    constructor(message, exitCode){
        super(message), this.exitCode = exitCode;
    }
};
const HELP = `npm start                  start CareTab on this machine, play the sample day, print its page, stay up
npm start -- --fresh       the same, from an empty data folder
npm start -- --exit        end after the page; status 0 only if every check of the page holds
npm start -- --idle        start without the sample day
  --port N                 HTTP API (default 8080)
  --mllp-port N            HL7 v2 over MLLP (default 2575)
  --data DIR               data folder (default ./data)
  --samples DIR            the day to play (default ./samples)
The sandbox outside world (acquirer, webhook receiver, mail sink) takes the three ports after the HTTP port.
Everything listens on 127.0.0.1 only.`;
const FLAGS = [
    '--fresh',
    '--exit',
    '--idle'
];
const VALUES = [
    '--port',
    '--mllp-port',
    '--data',
    '--samples'
];
const portOf = (name, text)=>{
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_530) throw new Usage(`${name} takes a port from 1 to 65530.\n\n${HELP}`, 2);
    return port;
};
const optionsOf = (args, root)=>{
    if (args.includes('--help') || args.includes('-h')) throw new Usage(HELP, 0);
    const values = new Map();
    for(let index = 0; index < args.length; index += 1){
        const arg = args[index];
        const value = args[index + 1];
        if (FLAGS.includes(arg)) values.set(arg, 'yes');
        else if (VALUES.includes(arg) && value !== undefined) values.set(arg, args[index += 1]);
        else throw new Usage(`${VALUES.includes(arg) ? `${arg} needs a value` : `There is no option ${arg}`}.\n\n${HELP}`, 2);
    }
    return {
        fresh: values.has('--fresh'),
        exit: values.has('--exit'),
        idle: values.has('--idle'),
        host: '127.0.0.1',
        port: portOf('--port', values.get('--port') ?? '8080'),
        mllpPort: portOf('--mllp-port', values.get('--mllp-port') ?? '2575'),
        dataDir: (0, _nodepath.resolve)(values.get('--data') ?? (0, _nodepath.join)(root, 'data')),
        samplesDir: (0, _nodepath.resolve)(values.get('--samples') ?? (0, _nodepath.join)(root, 'samples'))
    };
};
//# sourceMappingURL=options.js.map
