import { enableCompileCache } from 'node:module'

// Stripping the types of some hundred files is most of a short command's time: the second start takes it from the cache.
enableCompileCache()
const { run } = await import('../cli/program.ts')
process.exitCode = await run(process.argv.slice(2))
