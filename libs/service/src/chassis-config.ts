import { Type } from '@sinclair/typebox';

/** What the chassis itself reads from the environment. */
export const ChassisConfig = Type.Object({
  HTTP_HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  HTTP_PORT: Type.Integer({ minimum: 1, maximum: 65535, default: 8080, description: 'port of the HTTP API' }),
  HTTP_BODY_MAX: Type.String({ default: '1mb', description: 'largest request body' }),
  DATABASE_POOL_MAX: Type.Integer({ minimum: 2, maximum: 100, default: 6, description: 'connections of one service to its database' }),
  INTERNAL_TOKEN: Type.String({ minLength: 16, description: 'shared secret of the services among themselves' }),
  OPERATOR_KEY: Type.Optional(Type.String({ minLength: 16, description: 'key of the operators’ routes; needed unless HTTP_HOST is a loopback address' })),
});
