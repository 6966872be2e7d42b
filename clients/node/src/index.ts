export { json, type Json } from './call.js';
export { Threadmem, type Client, type Options, type Pool, type PoolClient } from './client.js';
export * as errors from './errors.js';
export type * from './functions.js';
