import path from 'node:path'

/** Git-ignored: corpora, peers and results. */
export const CACHE = path.join(import.meta.dirname, '../.cache/bench')
export const PEER_MODULES = path.join(CACHE, 'peers/node_modules')
export const PYTHON = path.join(CACHE, 'python/bin/python')
