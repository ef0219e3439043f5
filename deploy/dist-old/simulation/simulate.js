"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "simulate", {
    enumerable: true,
    get: function() {
        return simulate;
    }
});
const _nodecrypto = require("node:crypto");
const _faults = require("./faults");
const _people = require("./people");
const _plan = require("./plan");
const _rest = require("./rest");
const _verdict = require("./verdict");
const _violation = require("./violation");
const _watch = require("./watch");
const _world = require("./world");
const STORM_MS = 25_000;
const LOOK_EVERY_MS = 2_000;
/** Longer than any retry, lease or backoff of the platform. */ const REST_WITHIN_MS = 30 * 60_000;
/** After it the hold of the longest stay has expired. */ const HOLDS_EXPIRE_MS = 61 * 24 * 3_600_000;
/** Credit looks for expired holds every 30 s. */ const EXPIRY_WITHIN_MS = 35_000;
const STEPS_MAX = 400_000;
const simulate = async (seed, options = {})=>{
    const plan = options.change?.((0, _plan.planOf)(seed)) ?? (0, _plan.planOf)(seed);
    const world = new _world.World({
        seed,
        isAllowed: options.isAllowed ?? (()=>true),
        planted: options.planted,
        replicas: plan.replicas,
        skewMsMax: plan.skewMsMax,
        batchSizeMax: plan.batchSizeMax
    });
    const startedMs = world.scheduler.nowMs;
    const violation = await new Morning(world, plan).run().then(()=>undefined, (error)=>{
        if (error instanceof _violation.Violation) return error;
        throw error;
    });
    if (violation) world.tell(`violated: ${violation.message}`);
    return {
        seed,
        plan,
        violation,
        history: world.history,
        steps: world.scheduler.steps,
        virtualMs: Math.round(world.scheduler.nowMs - startedMs),
        crashes: world.crashes,
        faults: world.faults.happened.map(({ number })=>number),
        digest: (0, _nodecrypto.createHash)('sha256').update(world.history.join('\n')).digest('hex').slice(0, 16)
    };
};
let Morning = class Morning {
    constructor(world, plan){
        this.world = world;
        this.plan = plan;
        this.people = new _people.People(world, plan);
        this.watch = new _watch.Watch(world);
    }
    async run() {
        const { world, plan, people } = this;
        await world.start();
        await this.until(()=>world.isUp);
        await this.during(people.register());
        await this.rest();
        world.faults.set(plan.weather);
        people.begin();
        const stormEndsMs = world.scheduler.nowMs + STORM_MS;
        await this.until(()=>world.scheduler.nowMs > stormEndsMs);
        world.faults.set(_faults.CALM);
        world.tell('the storm is over');
        await this.until(()=>people.areDone);
        await this.rest();
        if ([
            ...this.watch.book.tabs.values()
        ].some(({ status })=>status === 'open')) {
            world.scheduler.leap(HOLDS_EXPIRE_MS);
            const expiredMs = world.scheduler.nowMs + EXPIRY_WITHIN_MS;
            await this.until(()=>world.scheduler.nowMs > expiredMs);
            await this.rest();
        }
        await this.during((0, _verdict.judge)({
            world,
            plan,
            people,
            watch: this.watch
        }));
        await this.forget();
    }
    async forget() {
        const { world, plan, people } = this;
        if (plan.forgets === undefined) return;
        await this.during(people.ask('identity', 'DELETE', `/identity/persons/${people.personIds[plan.forgets]}/personal-data`));
        await this.rest();
        const { faults } = await world.events.verifyAll();
        if (faults.length > 0) throw new _violation.Violation('forgotten', `${faults.length} faults`);
        await this.during((0, _verdict.judge)({
            world,
            plan,
            people,
            watch: this.watch
        }));
    }
    /** Until nothing is left to do; what was parked on the way is replayed by the operator. */ async rest() {
        const { world } = this;
        const beganMs = world.scheduler.nowMs;
        let nextLookMs = beganMs;
        let fruitless = 0;
        for(;;){
            await this.until(()=>world.scheduler.nowMs >= nextLookMs);
            nextLookMs = world.scheduler.nowMs + LOOK_EVERY_MS;
            const restless = await (0, _rest.unrest)(world);
            if (restless === undefined) {
                if ((0, _rest.parkedRows)(world).length === 0 || fruitless === 2) return;
                const replayed = await this.during((0, _rest.replayParked)(world));
                fruitless = replayed > 0 ? 0 : fruitless + 1;
            }
            if (world.scheduler.nowMs - beganMs > REST_WITHIN_MS) throw new _violation.Violation('quiet', restless ?? 'parked messages go round');
        }
    }
    /** Lets the platform go on until the work is done, and gives its result. */ async during(work) {
        let isDone = false;
        const done = work.finally(()=>isDone = true);
        done.catch(()=>undefined); // Awaited below.
        await this.until(()=>isDone);
        return done;
    }
    async until(condition) {
        while(!condition()){
            if (this.world.scheduler.steps > STEPS_MAX || !await this.world.scheduler.step()) throw new _violation.Violation('quiet', `stopped after ${this.world.scheduler.steps} steps`);
            await this.watch.look();
        }
    }
};
//# sourceMappingURL=simulate.js.map
