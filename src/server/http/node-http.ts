/**
 * node:http as it is. To import it by names would read all its getters, and on Node 24 that loads
 * what clients need: 1.8 MiB of heap that every collection for external memory goes through.
 */
export const http = process.getBuiltinModule('node:http');
