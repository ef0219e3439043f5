"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
const _nodefs = require("node:fs");
const _nodepath = require("node:path");
const _telemetry = require("@caretab/telemetry");
const _options = require("./options");
const _steps = require("./steps");
function _getRequireWildcardCache(nodeInterop) {
    if (typeof WeakMap !== "function") return null;
    var cacheBabelInterop = new WeakMap();
    var cacheNodeInterop = new WeakMap();
    return (_getRequireWildcardCache = function(nodeInterop) {
        return nodeInterop ? cacheNodeInterop : cacheBabelInterop;
    })(nodeInterop);
}
function _interop_require_wildcard(obj, nodeInterop) {
    if (!nodeInterop && obj && obj.__esModule) return obj;
    if (obj === null || typeof obj !== "object" && typeof obj !== "function") return {
        default: obj
    };
    var cache = _getRequireWildcardCache(nodeInterop);
    if (cache && cache.has(obj)) return cache.get(obj);
    var newObj = {
        __proto__: null
    };
    var hasPropertyDescriptor = Object.defineProperty && Object.getOwnPropertyDescriptor;
    for(var key in obj){
        if (key !== "default" && Object.prototype.hasOwnProperty.call(obj, key)) {
            var desc = hasPropertyDescriptor ? Object.getOwnPropertyDescriptor(obj, key) : null;
            if (desc && (desc.get || desc.set)) Object.defineProperty(newObj, key, desc);
            else newObj[key] = obj[key];
        }
    }
    newObj.default = obj;
    if (cache) cache.set(obj, newObj);
    return newObj;
}
// Telemetry first: what is instrumented must not be loaded before it, so the platform is imported when it is started.
const telemetry = (0, _telemetry.startTelemetry)({
    serviceName: 'caretab',
    otlpEndpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT']
});
const ROOT = (0, _nodepath.join)(__dirname, '../../..');
const steps = new _steps.Steps(process.stdout);
/** What a user can do about an error that a start can meet, in one line. */ const explain = (error)=>{
    const { code, port, message, path } = error;
    if (code === 'EADDRINUSE') return `Port ${port ?? ''} is taken. Stop the program that has it, or choose others: npm start -- --port 9080 --mllp-port 3575`;
    if (code === 'EACCES' || code === 'EPERM') return `No permission for ${path ?? `port ${port ?? ''}`}. Choose another data folder or port: npm start -- --data DIR --port N`;
    // Services speak of their environment; whoever started this knows options.
    return (message ?? String(error)).replace(/set GATEWAY_MLLP_PORT to .*$/, 'choose another port: npm start -- --mllp-port 3575');
};
/** A data folder is only ever deleted if it is one of ours, or empty. */ const startOver = async (dataDir)=>{
    if (!(0, _nodefs.existsSync)(dataDir)) return;
    if (!(0, _nodefs.existsSync)((0, _nodepath.join)(dataDir, 'secrets.json'))) throw new Error(`${dataDir} is not a CareTab data folder, so --fresh does not delete it. Choose another with --data DIR, or remove it yourself.`);
    const { removeEmbeddedPostgres } = await Promise.resolve().then(()=>/*#__PURE__*/ _interop_require_wildcard(require("@caretab/postgres")));
    await removeEmbeddedPostgres({
        dataDir: (0, _nodepath.join)(dataDir, 'postgres')
    });
    (0, _nodefs.rmSync)(dataDir, {
        recursive: true,
        force: true
    });
};
const day = async (options, platform)=>{
    const [{ Api }, { playDay }, { services }] = await Promise.all([
        Promise.resolve().then(()=>/*#__PURE__*/ _interop_require_wildcard(require("../day/api"))),
        Promise.resolve().then(()=>/*#__PURE__*/ _interop_require_wildcard(require("../day/play-day"))),
        Promise.resolve().then(()=>/*#__PURE__*/ _interop_require_wildcard(require("./platform")))
    ]);
    const result = await playDay({
        api: new Api(()=>platform.url, process.env['OPERATOR_KEY']),
        url: platform.url,
        bus: platform.bus,
        mllp: {
            host: options.host,
            port: options.mllpPort
        },
        services: services.map(({ name })=>name),
        samplesDir: options.samplesDir,
        dataDir: options.dataDir,
        webhookUrl: platform.webhookUrl,
        keyOf: platform.keyOf,
        step: (title, work)=>steps.step(title, work)
    });
    steps.line(`\n${result.page}\n`);
    for (const surprise of result.surprises.slice(0, 20))steps.line(`✗ ${surprise}`);
    steps.line(`${result.urls}\n\nAfter ${steps.elapsed()}.`);
    return result.good;
};
const run = async ()=>{
    const options = (0, _options.optionsOf)(process.argv.slice(2), ROOT);
    if (options.fresh) await startOver(options.dataDir);
    const { startPlatform } = await Promise.resolve().then(()=>/*#__PURE__*/ _interop_require_wildcard(require("./platform")));
    const platform = await startPlatform(options, steps, telemetry);
    const interrupted = new Promise((resolve)=>{
        for (const signal of [
            'SIGINT',
            'SIGTERM'
        ])process.once(signal, ()=>resolve('interrupted'));
    });
    try {
        const played = options.idle ? true : await Promise.race([
            day(options, platform),
            interrupted
        ]);
        if (played === 'interrupted' || options.exit) return played === true ? 0 : 1;
        steps.line(`CareTab is up at ${platform.url}, HL7 v2 over MLLP at ${options.host}:${options.mllpPort}. Ctrl-C stops it.`);
        await interrupted;
        return 0;
    } finally{
        await steps.step('stopped', ()=>platform.stop());
    }
};
run().then((code)=>process.exit(code), (error)=>{
    steps.line(error instanceof _options.Usage ? error.message : `✗ ${explain(error)}`);
    if (process.env['DEBUG']) process.stderr.write(`${error.stack}\n`);
    process.exit(error instanceof _options.Usage ? error.exitCode : 1);
});
//# sourceMappingURL=main.js.map
