import 'reflect-metadata';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProtectedModule } from './protected.module.js';
import { ShopModule } from './shop.module.js';

const root = process.env.BENCH_PROTECTED === 'true' ? ProtectedModule : ShopModule;
const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), { logger: ['error', 'warn'] });
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
await app.listen(Number(process.env.BENCH_PORT), '127.0.0.1');
