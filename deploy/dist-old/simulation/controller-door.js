"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "ControllerDoor", {
    enumerable: true,
    get: function() {
        return ControllerDoor;
    }
});
const _kernel = require("@caretab/kernel");
const _service = require("@caretab/service");
require("reflect-metadata");
/** As Nest numbers them in its metadata: RequestMethod and RouteParamtypes. */ const METHODS = {
    0: 'GET',
    1: 'POST',
    2: 'PUT',
    3: 'DELETE'
};
const [RESPONSE, BODY, QUERY, PARAM, HEADERS] = [
    '1',
    '3',
    '4',
    '5',
    '6'
];
const routesOf = (controller)=>{
    const prefix = Reflect.getMetadata('path', controller);
    const methods = Object.getOwnPropertyNames(controller.prototype).map((name)=>[
            name,
            controller.prototype[name]
        ]);
    return methods.flatMap(([handler, method])=>{
        if (typeof method !== 'function' || !Reflect.hasMetadata('path', method)) return [];
        const path = `/${prefix}/${Reflect.getMetadata('path', method)}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
        const names = [
            ...path.matchAll(/:(\w+)/g)
        ].map(([, name])=>name);
        return [
            {
                method: METHODS[Reflect.getMetadata('method', method)],
                pattern: new RegExp(`^${path.replace(/:\w+/g, '([^/]+)')}$`),
                names,
                controller,
                handler
            }
        ];
    });
};
let ControllerDoor = class ControllerDoor {
    constructor(controllers, get){
        this.get = get;
        // A route without a parameter goes before one that would take it for a value.
        this.routes = controllers.flatMap(routesOf).sort((a, b)=>a.names.length - b.names.length);
    }
    async handle(request) {
        const [path = '', query = ''] = request.path.split('?');
        const route = this.routes.find(({ method, pattern })=>method === request.method && pattern.test(path));
        if (!route) return {
            status: 404,
            body: {
                code: 'ROUTE_UNKNOWN'
            }
        };
        const values = route.pattern.exec(path).slice(1).map(decodeURIComponent);
        const params = Object.fromEntries(route.names.map((name, index)=>[
                name,
                values[index]
            ]));
        let status = Reflect.getMetadata('__httpCode__', route.controller.prototype[route.handler]) ?? (request.method === 'POST' ? 201 : 200);
        const sources = {
            [RESPONSE]: {
                status: (code)=>void (status = code)
            },
            [BODY]: request.body,
            [PARAM]: params,
            [HEADERS]: request.headers ?? {},
            [QUERY]: Object.fromEntries(new URLSearchParams(query))
        };
        try {
            const controller = this.get(route.controller);
            return {
                status,
                ...await called(controller, route, sources, ()=>status)
            };
        } catch (error) {
            const problem = (0, _service.problemOf)(error);
            if (problem.status === 500 && !(error instanceof _kernel.DomainError)) return {
                status: 500,
                body: {
                    ...problem,
                    why: String(error)
                }
            };
            return {
                status: problem.status,
                body: problem
            };
        }
    }
};
const called = async (controller, route, sources, status)=>{
    const wanted = Reflect.getMetadata('__routeArguments__', route.controller, route.handler) ?? {};
    const values = [];
    for (const [name, { index, data, pipes }] of Object.entries(wanted)){
        const [kind] = name.split(':');
        const source = sources[kind];
        let value = data === undefined ? source : source?.[data];
        for (const pipe of pipes)value = await pipe.transform(value, {
            type: 'custom'
        });
        values[index] = value;
    }
    const body = await controller[route.handler](...values);
    return {
        status: status(),
        body: JSON.parse(JSON.stringify(body ?? null))
    };
};
//# sourceMappingURL=controller-door.js.map
