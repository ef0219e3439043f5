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
    get MachineBus () {
        return MachineBus;
    },
    get eventsOf () {
        return eventsOf;
    },
    get storeOf () {
        return storeOf;
    }
});
const _postgres = require("@caretab/postgres");
const _machine = require("./machine");
const storeOf = (machine, database)=>{
    const store = new _postgres.ConcurrentMemoryStore(database, {
        at: (point, what)=>{
            if (point === 'committed') return machine.risky('committed', 'answerLost');
            return machine.risky(point === 'operation' ? what : `${point} ${what}`);
        }
    });
    machine.onDeath(()=>store.kill());
    return store;
};
const REJOINS_AFTER_MS = 300;
let MachineBus = class MachineBus {
    constructor(machine, bus, parts){
        this.machine = machine;
        this.bus = bus;
        this.parts = parts;
    }
    declare(topics) {
        return this.bus.declare(topics);
    }
    /** A send that breaks may have got some of its messages through. */ async send(topic, messages) {
        await this.machine.risky(`sends ${messages.length} to ${topic}`);
        const isCutShort = messages.length > 1 && this.parts.faults.strikes('broken', `${this.machine.name} in the middle of sending to ${topic}`);
        const through = isCutShort ? messages.slice(0, this.parts.random.integer(1, messages.length - 1)) : messages;
        this.parts.sent(topic, through);
        await this.bus.send(topic, through);
        if (isCutShort) throw new _machine.LineBroken(topic);
        await this.machine.risky(`sends to ${topic}: answer`, 'answerLost');
    }
    async consume(options, handle) {
        const { machine, parts } = this;
        const working = async (batch)=>{
            const { group } = options;
            await machine.point(`${group} gets ${batch.messages.length} of ${batch.topic}/${batch.partition}`);
            if (parts.faults.strikes('sessionLost', `${machine.name} ${group}`)) this.loseSession(member, join);
            await handle(batch);
            await machine.risky(`${group} commits ${batch.topic}/${batch.partition}`);
        };
        let member;
        const join = async ()=>void (member = await this.bus.consume({
                batchSizeMax: parts.batchSizeMax,
                ...options
            }, working));
        await join();
        machine.onDeath(()=>member?.crash());
        return {
            stop: async ()=>member?.stop()
        };
    }
    lag(group, topics) {
        return this.bus.lag(group, topics);
    }
    async close() {}
    /** The group goes on without this member, which works on unawares and joins again later. */ loseSession(member, join) {
        member?.crash();
        void this.machine.sleep(REJOINS_AFTER_MS).then(join);
    }
};
const eventsOf = (machine, events)=>({
        append: (stream, added, expected)=>machine.call(`appends ${added.map(({ type })=>type).join('+')} to ${stream}`, ()=>events.append(stream, added, expected)),
        readStream: (stream, options)=>machine.call(`reads ${stream}`, ()=>events.readStream(stream, options)),
        readAll: (options)=>machine.call('reads all', ()=>events.readAll(options)),
        subscribe: (options, handle)=>{
            const subscription = events.subscribe(options, async (batch)=>{
                await machine.point(`follows to ${batch.at(-1).position}`);
                await handle(batch);
            });
            machine.onDeath(()=>void subscription.stop());
            return subscription;
        },
        head: ()=>events.head(),
        verifyStream: (stream)=>events.verifyStream(stream),
        verifyAll: (options)=>events.verifyAll(options),
        close: async ()=>undefined
    });
//# sourceMappingURL=machine-twins.js.map
