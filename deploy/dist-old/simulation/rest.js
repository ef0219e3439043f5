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
    get parkedRows () {
        return parkedRows;
    },
    get replayParked () {
        return replayParked;
    },
    get rows () {
        return rows;
    },
    get unrest () {
        return unrest;
    }
});
const unrest = async (world)=>{
    if (!world.isUp) return 'a process is down';
    for (const [service, database] of world.databases)if (database.outbox.size > 0) return `${service} has ${database.outbox.size} messages to publish`;
    for (const { instance } of world.instances){
        for (const { group, topics } of instance.consumers){
            const lag = await world.bus.lag(group, topics);
            if (lag > 0) return `${group} is ${lag} messages behind`;
        }
    }
    const head = String(await world.events.head());
    const behind = rows(world, 'visit-ledger', 'checkpoint').find(({ position })=>position !== head);
    if (behind) return `${behind.name} is at ${behind.position} of ${head}`;
    const busy = (service, table, ...open)=>{
        const count = rows(world, service, table).filter(({ status })=>open.includes(status)).length;
        return count > 0 ? `${service} has ${count} of ${table} under way` : undefined;
    };
    return busy('payment', 'collection', 'due', 'sending', 'unresolved') ?? busy('payment', 'refund', 'due', 'sending') ?? busy('notification', 'notice', 'pending', 'sending');
};
const rows = (world, service, table)=>world.databases.get(service).committed(table);
const parkedRows = (world)=>[
        ...world.databases.keys()
    ].flatMap((service)=>rows(world, service, 'parked').filter(({ status })=>status === 'parked').map((row)=>({
                service,
                row
            })));
const replayParked = async (world)=>{
    let replayed = 0;
    for (const service of new Set(parkedRows(world).map((each)=>each.service))){
        const parked = world.instances.find((each)=>each.service === service)?.instance.parked;
        if (parked) replayed += (await parked.replay({})).replayed;
    }
    return replayed;
};
//# sourceMappingURL=rest.js.map
