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
    get backlogOf () {
        return backlogOf;
    },
    get untilQuiet () {
        return untilQuiet;
    }
});
const POLL_MS = 150;
const QUIET_POLLS = 3;
const PATIENCE_MS = 120_000;
const backlogOf = async (api, services)=>{
    const counts = await Promise.all(services.map(async (service)=>[
            service,
            await api.get(`/${service}/backlog`)
        ]));
    return Object.fromEntries(counts.flatMap(([service, kinds])=>Object.entries(kinds).filter(([, count])=>count > 0).map(([kind, count])=>[
                `${service}.${kind}`,
                count
            ])));
};
const untilQuiet = async (api, services, waiting)=>{
    const giveUpAt = performance.now() + PATIENCE_MS;
    for(let polls = 0; polls < QUIET_POLLS;){
        const left = await backlogOf(api, services);
        const sum = Object.values(left).reduce((total, count)=>total + count, 0);
        polls = sum === 0 ? polls + 1 : 0;
        waiting?.(sum);
        if (performance.now() > giveUpAt) throw new Error(`the platform did not come to rest; still to do: ${JSON.stringify(left)}`);
        await new Promise((resolve)=>setTimeout(resolve, POLL_MS));
    }
};
//# sourceMappingURL=quiet.js.map
