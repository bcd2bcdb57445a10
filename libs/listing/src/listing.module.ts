import { Module } from '@nestjs/common';
import { PageTokenKeyStore } from './page-token-key.store.js';
import { PageTokens } from './page-tokens.js';

/** Provides PageTokens; needs a DatabaseModule and the table of `libs/listing/migrations`. */
@Module({ providers: [PageTokenKeyStore, PageTokens], exports: [PageTokens] })
export class ListingModule {}
