import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Body, Controller, HttpCode, type INestApplication, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Framework } from './options';

// A process of its own, so that its CPU time is the server's alone. It answers each POST with its
// JSON body read, and nothing else done.

@Controller()
class EmptyController {
  @Post('empty')
  @HttpCode(202)
  empty(@Body() body: { readonly id?: string }): { readonly id: string } {
    return { id: body.id ?? '' };
  }
}

@Module({ controllers: [EmptyController] })
class EmptyModule {}

const raw = (): Server =>
  createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly id: string };
        response
          .writeHead(202, { 'content-type': 'application/json; charset=utf-8' })
          .end(JSON.stringify({ id }));
      });
  });

const nest = (framework: Framework): Promise<INestApplication> =>
  framework === 'fastify'
    ? NestFactory.create(EmptyModule, new FastifyAdapter(), { logger: false })
    : NestFactory.create(EmptyModule, { logger: false });

const listen = async (framework: Framework): Promise<number> => {
  if (framework !== 'raw') {
    const app = await nest(framework);
    await app.listen(0, '127.0.0.1');
    return ((app.getHttpServer() as Server).address() as AddressInfo).port;
  }
  const server = raw();
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  return (server.address() as AddressInfo).port;
};

void listen(process.argv[2] as Framework).then((port) => process.send!({ port }));
// The bench is gone: so is its server.
process.on('disconnect', () => process.exit(0));
