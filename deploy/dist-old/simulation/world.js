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
    get World () {
        return World;
    },
    get services () {
        return services;
    }
});
const _adjudication = require("@caretab/adjudication");
const _benefits = require("@caretab/benefits");
const _contracts = require("@caretab/contracts");
const _credit = require("@caretab/credit");
const _eventstore = require("@caretab/event-store");
const _gateway = require("@caretab/gateway");
const _identity = require("@caretab/identity");
const _kernel = require("@caretab/kernel");
const _messaging = require("@caretab/messaging");
const _notification = require("@caretab/notification");
const _payment = require("@caretab/payment");
const _postgres = require("@caretab/postgres");
const _testing = require("@caretab/testing");
const _visitledger = require("@caretab/visit-ledger");
const _faults = require("./faults");
const _instance = require("./instance");
const _machine = require("./machine");
const _machinetwins = require("./machine-twins");
const _network = require("./network");
const _outsidetwins = require("./outside-twins");
const _scheduler = require("./scheduler");
const services = [
    _identity.identity,
    _credit.credit,
    _adjudication.adjudication,
    _visitledger.visitLedger,
    _payment.payment,
    _notification.notification,
    _gateway.gateway
];
const STARTS_AT = '2026-03-02T00:30:00Z';
const PARTITIONS = 3;
let World = class World {
    constructor(options){
        this.options = options;
        this.history = [];
        this.databases = new Map();
        /** Every message that reached the bus. */ this.sent = [];
        this.delivered = [];
        /** How often a process died. */ this.crashes = 0;
        this.ids = 0;
        const { seed } = options;
        const tell = (line)=>void this.history.push(line);
        this.scheduler = new _scheduler.Scheduler(STARTS_AT, tell);
        this.faults = new _faults.Faults(seed ^ 0x5eed, options.isAllowed, tell);
        this.chance = (0, _testing.seededRandom)(seed ^ 0xc4a9ce);
        this.bus = new _messaging.MemoryBus(this.scheduler, (run, what)=>void this.scheduler.after(0.1 + this.chance.next() * 20, what, run));
        this.events = new _eventstore.MemoryEventStore({
            clock: this.scheduler,
            timers: this.scheduler
        });
        this.acquirer = new _outsidetwins.AcquirerTwin(()=>this.scheduler.now());
        this.network = new _network.Network(this);
        this.env = environmentOf();
        const skew = ()=>this.chance.integer(-options.skewMsMax, options.skewMsMax);
        this.slots = services.flatMap((service)=>Array.from({
                length: options.replicas[service.name] ?? 1
            }, (_, replica)=>({
                    service,
                    name: replica === 0 ? service.name : `${service.name}#${replica + 1}`,
                    skewMs: skew(),
                    lives: 0,
                    machine: undefined,
                    instance: undefined
                })));
        for (const service of services)this.databases.set(service.name, databaseOf(service, this.scheduler));
    }
    /** Declares the topics and starts every process. */ async start() {
        await this.bus.declare((0, _contracts.topicsFor)(_benefits.payerIds).map(({ name, partitions, retentionMs })=>({
                name,
                partitions: Math.min(partitions, PARTITIONS),
                retentionMs
            })));
        for (const slot of this.slots)this.boot(slot);
    }
    get isUp() {
        return this.slots.every(({ instance })=>instance !== undefined);
    }
    get instances() {
        return this.slots.flatMap(({ service, instance })=>instance ? [
                {
                    service: service.name,
                    instance
                }
            ] : []);
    }
    /** A process of a service that answers now, and the machine it runs on. */ running(service) {
        const up = this.slots.filter((slot)=>slot.service.name === service && slot.instance);
        if (up.length === 0) return undefined;
        const { instance, machine } = this.chance.pick(up);
        return {
            instance: instance,
            machine: machine
        };
    }
    /** A machine that belongs to nobody who can die: a hospital, a citizen, an operator. */ client(name) {
        const faults = {
            strikes: (kind, where)=>kind !== 'crash' && this.faults.strikes(kind, where)
        };
        return new _machine.Machine(name, {
            scheduler: this.scheduler,
            faults,
            random: this.chance
        });
    }
    /** The business days that there have been, the leap at the end included. */ days() {
        const dayOf = (atMs)=>new Date(atMs + 8 * 3_600_000).toISOString().slice(0, 10);
        return [
            ...new Set([
                dayOf(Date.parse(STARTS_AT)),
                dayOf(this.scheduler.nowMs)
            ])
        ];
    }
    tell(line) {
        this.history.push(line);
    }
    note(topic, messages) {
        for (const message of messages)this.sent.push({
            topic,
            message
        });
    }
    boot(slot) {
        const { service, name } = slot;
        slot.lives += 1;
        const machine = new _machine.Machine(`${name}.${slot.lives}`, {
            scheduler: this.scheduler,
            faults: this.faults,
            random: this.chance
        }, slot.skewMs);
        slot.machine = machine;
        machine.onDeath(()=>{
            slot.instance = undefined;
            this.crashes += 1;
            this.tell(`${this.scheduler.stamp()} ${machine.name} dies`);
            this.scheduler.after(this.chance.integer(200, 3_000), `${name} starts again`, ()=>this.boot(slot));
        });
        const { planted } = this.options;
        const store = (0, _machinetwins.storeOf)(machine, this.databases.get(service.name));
        const bus = new _machinetwins.MachineBus(machine, this.bus, {
            faults: this.faults,
            random: this.chance,
            batchSizeMax: this.options.batchSizeMax,
            sent: (topic, messages)=>this.note(topic, messages)
        });
        const events = (0, _machinetwins.eventsOf)(machine, planted?.events?.(this.events, this.chance) ?? this.events);
        (0, _instance.startInstance)(service, {
            machine,
            env: this.env,
            tell: (line)=>this.tell(line),
            random: ()=>this.chance.next(),
            nextId: ()=>(0, _kernel.derivedId)('simulated', String(this.options.seed), String(this.ids += 1)),
            store: planted?.store?.(store, service.name, this.chance) ?? store,
            bus: planted?.bus?.(bus, service.name, this.chance) ?? bus,
            outside: {
                listens: false,
                events,
                fetch: this.network.fetchOf(machine),
                mail: (mail)=>this.network.mail(machine, mail)
            }
        }).then((instance)=>void (machine.alive && (slot.instance = instance)), (error)=>{
            this.tell(`${this.scheduler.stamp()} ${machine.name} cannot start: ${String(error)}`);
            machine.die(); // As a process does that fails to start.
        });
    }
    request(service, request) {
        return this.network.request(service, request);
    }
};
const databaseOf = (service, clock)=>{
    const database = new _postgres.MemoryDatabase(clock);
    // What the migrations of the ledger insert.
    const checkpoints = service.tables.find(({ options })=>options.name === 'checkpoint');
    if (checkpoints) for (const name of [
        'views',
        'publication'
    ])database.table(checkpoints).put({
        name,
        position: '0'
    });
    return database;
};
const environmentOf = ()=>({
        INTERNAL_TOKEN: 'simulated-internal-token',
        IDENTITY_MASTER_KEY: '11'.repeat(32),
        GATEWAY_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
        IDENTITY_URL: 'http://identity',
        VISIT_LEDGER_URL: 'http://visit-ledger',
        PAYMENT_ACQUIRER_URL: 'http://acquirer',
        PAYMENT_ACQUIRER_SECRET: 'simulated-acquirer-secret',
        PAYMENT_TOKEN_KEY: '22'.repeat(32),
        PAYMENT_RETRY_DELAY_MS: '5000',
        PAYMENT_COLLECT_EVERY_MS: '4000',
        NOTIFICATION_SMTP_URL: 'smtp://mail',
        NOTIFICATION_WEBHOOK_KEY: 'simulated-webhook-key',
        NOTIFICATION_DELIVER_EVERY_MS: '7000'
    });
//# sourceMappingURL=world.js.map
