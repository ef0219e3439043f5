"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "startInstance", {
    enumerable: true,
    get: function() {
        return startInstance;
    }
});
require("reflect-metadata");
const _messaging = require("@caretab/messaging");
const _service = require("@caretab/service");
const _common = require("@nestjs/common");
const _core = require("@nestjs/core");
const _controllerdoor = require("./controller-door");
function _ts_decorate(decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") {
        r = Reflect.decorate(decorators, target, key, desc);
    } else {
        for(var i = decorators.length - 1; i >= 0; i--){
            if (d = decorators[i]) {
                r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
            }
        }
    }
    return c > 3 && r && Object.defineProperty(target, key, r), r;
}
let ChassisModule = class ChassisModule {
};
ChassisModule = _ts_decorate([
    (0, _common.Module)({})
], ChassisModule);
let RootModule = class RootModule {
};
RootModule = _ts_decorate([
    (0, _common.Module)({})
], RootModule);
const RELAY_POLL_MS = 5_000;
const loggerOf = (tell)=>{
    const say = (level)=>(first, second)=>tell(`  ${level}: ${typeof first === 'string' ? first : `${second ?? ''} ${JSON.stringify(first, plain)}`}`);
    const log = {
        trace: ()=>undefined,
        debug: ()=>undefined,
        info: ()=>undefined,
        warn: say('warn'),
        error: say('error'),
        fatal: say('fatal'),
        child: ()=>log
    };
    return log;
};
const plain = (_key, value)=>value instanceof Error ? `${value.name}: ${value.message}` : value;
const startInstance = async (service, platform)=>{
    const { machine, store, bus, outside } = platform;
    const { name } = service;
    const { clock } = machine;
    const logger = loggerOf((line)=>platform.tell(`${line} (${machine.name})`));
    const jobs = new _service.Jobs(machine, (job, err)=>logger.warn({
            job,
            err
        }, 'job failed'));
    const backlog = new _service.Backlog();
    const parts = {
        config: (0, _service.parseConfig)(name, service.config, platform.env),
        store,
        bus,
        clock,
        ids: {
            next: ()=>platform.nextId()
        },
        timers: machine,
        logger,
        backlog,
        outside,
        closes: ()=>undefined,
        database: {
            url: '',
            schema: name
        }
    };
    const module = await service.module(parts);
    const strategy = new _messaging.BusStrategy({
        bus,
        stores: new Map([
            [
                name,
                store
            ]
        ]),
        clock,
        timers: machine,
        logger,
        random: platform.random
    });
    const chassis = {
        module: ChassisModule,
        global: true,
        providers: [
            {
                provide: _service.Jobs,
                useValue: jobs
            },
            {
                provide: _service.Backlog,
                useValue: backlog
            }
        ],
        exports: [
            _service.Jobs,
            _service.Backlog
        ]
    };
    const app = await _core.NestFactory.createMicroservice({
        module: RootModule,
        imports: [
            chassis,
            module
        ]
    }, {
        strategy,
        logger: false,
        abortOnError: false
    });
    await app.listen();
    new _messaging.OutboxRelay({
        store,
        bus,
        timers: machine,
        logger,
        pollMs: RELAY_POLL_MS
    }).start();
    jobs.start();
    const controllers = module.controllers ?? [];
    return {
        door: new _controllerdoor.ControllerDoor(controllers, (controller)=>app.get(controller, {
                strict: false
            })),
        parked: new _messaging.Parked({
            service: name,
            store,
            strategy,
            clock
        }),
        consumers: strategy.consumers(name)
    };
};
//# sourceMappingURL=instance.js.map
