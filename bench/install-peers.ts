/**
 * Installs what `bench/run.ts` measures against into .cache/bench, beside the project and never into it:
 *
 *   node bench/install-peers.ts
 *
 * stream-json and clarinet from npm; DuckDB and ijson from PyPI into a virtual environment. jq and GNU sort are taken
 * where the machine has them. A peer that cannot be had is left out of the tables, with a line that says so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { CACHE, PEER_MODULES, PYTHON } from './places.ts'

const NPM = ['stream-json@3.8.0', 'clarinet@0.12.6']
const PYPI = ['duckdb==2.0.0', 'ijson==3.6.0']

function run(command: string, args: readonly string[], cwd: string): boolean {
  process.stdout.write(`${command} ${args.join(' ')}\n`)
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0
}

const folder = path.dirname(PEER_MODULES)
mkdirSync(folder, { recursive: true })
if (!existsSync(path.join(folder, 'package.json')))
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n')
const npm = run('npm', ['install', '--no-audit', '--no-fund', ...NPM], folder)
const python =
  (existsSync(PYTHON) || run('python3', ['-m', 'venv', path.join(CACHE, 'python')], CACHE)) &&
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', ...PYPI], CACHE)
process.stdout.write(`npm peers: ${npm ? 'installed' : 'missing'}; Python peers: ${python ? 'installed' : 'missing'}\n`)
