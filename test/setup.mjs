// CommonJS packages such as @nestjs/throttler require() these ES modules: evaluated first, jest sees no require cycle.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
