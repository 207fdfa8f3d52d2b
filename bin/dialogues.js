#!/usr/bin/env node
// Plain old JavaScript on purpose: it must parse on whatever Node the machine has, and then find a Node that is new
// enough: the running one, or the one that `npm ci` brought.
import { spawn } from 'child_process'
import { existsSync } from 'fs'
import { dirname, join } from 'path'
import { fileURLToPath } from 'url'

// Two megabytes of young garbage at a time, and a heap that grows by a tenth between full collections: a long generation then
// takes half the memory, a report two thirds. V8 sizes its young space when it starts, so these cannot be set later.
var SMALL_HEAP = ['--max-semi-space-size=2', '--heap-growing-percent=10']
var words = process.argv.slice(2)
var flags = words[0] === 'generate' || words[0] === 'report' ? SMALL_HEAP : []
var hasFlags = flags.every(function (flag) {
  return process.execArgv.indexOf(flag) !== -1
})

var here = dirname(fileURLToPath(import.meta.url))
var brought = join(
  here,
  '..',
  'node_modules',
  'node-' + (process.platform === 'win32' ? 'win' : process.platform) + '-' + process.arch,
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

if (Number(process.versions.node.split('.')[0]) >= 24 || !existsSync(brought)) {
  // The same process starts over with the flags: same id, same terminal, same signals, some 40 ms. There is none on Windows.
  if (!hasFlags && typeof process.execve === 'function' && process.platform !== 'win32')
    process.execve(
      process.execPath,
      [process.execPath].concat(process.execArgv, flags, join(here, 'dialogues.js'), words),
      process.env,
    )
  import('./preflight.cjs')
    .then(function () {
      return import('module')
    })
    .then(function (module) {
      // Stripping the types is half of a short command's time and 25 MB; from the second start on it is done already.
      module.enableCompileCache()
      return import('./dialogues.ts')
    })
} else {
  var child = spawn(brought, flags.concat(join(here, 'dialogues.js'), words), { stdio: 'inherit' })
  // Ctrl-C reaches the child by itself; this process only has to outlive it, so that the shell waits for its last words.
  process.on('SIGINT', function () {})
  ;['SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal)
    })
  })
  child.on('error', function (error) {
    console.error('Could not start ' + brought + ': ' + error.message)
    process.exit(2)
  })
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
