/** An HTTP answer that was not 2xx; the message names the request and the problem's code, never a body. */ "use strict";
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
    get Api () {
        return Api;
    },
    get ApiError () {
        return ApiError;
    },
    get each () {
        return each;
    }
});
let ApiError = class ApiError extends Error {
    constructor(status, code, what){
        super(`${what} answered ${status} ${code}`), this.status = status, this.code = code;
        this.name = 'ApiError';
    }
};
const DEADLINE_MS = 30_000;
let Api = class Api {
    constructor(urlOf, operatorKey){
        this.urlOf = urlOf;
        this.operatorKey = operatorKey;
    }
    get(path) {
        return this.call('GET', path);
    }
    put(path, body) {
        return this.call('PUT', path, body);
    }
    post(path, body, headers = {}) {
        return this.call('POST', path, body, headers);
    }
    async call(method, path, body, headers = {}) {
        const service = path.startsWith('/v1/') ? 'gateway' : path.split('/')[1];
        const response = await fetch(`${this.urlOf(service)}${path}`, {
            method,
            headers: {
                ...body === undefined ? {} : {
                    'content-type': 'application/json'
                },
                ...this.operatorKey && {
                    authorization: `Bearer ${this.operatorKey}`
                },
                ...headers
            },
            ...body === undefined ? {} : {
                body: JSON.stringify(body)
            },
            signal: AbortSignal.timeout(DEADLINE_MS)
        });
        const text = await response.text();
        const answer = text === '' ? undefined : JSON.parse(text);
        if (!response.ok) throw new ApiError(response.status, answer?.code ?? '', `${method} ${path.split('?')[0].replace(/\/p-[0-9a-f-]+/, '/:personId')}`);
        return answer;
    }
};
const each = async (items, concurrency, work)=>{
    const queue = items.values();
    await Promise.all(Array.from({
        length: concurrency
    }, async ()=>{
        for (const item of queue)await work(item);
    }));
};
//# sourceMappingURL=api.js.map
