import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

/** Compiles core/datasets/walker-kernel/kernel.as and writes kernel-binary.ts beside it. Not part of any build: run it by hand after a change of the source. */
const COMPILER = 'assemblyscript@0.28.20'
const root = path.resolve(import.meta.dirname, '..')
const cache = path.join(root, '.cache/kernel')
const folder = path.join(root, 'core/datasets/walker-kernel')
const source = path.join(folder, 'kernel.as')
mkdirSync(cache, { recursive: true })
copyFileSync(source, path.join(cache, 'kernel.ts'))
execFileSync(
  'npm',
  ['exec', '--yes', `--package=${COMPILER}`, '--', 'asc', 'kernel.ts', '--runtime', 'stub', '--noAssert', '-O3'].concat(
    ['--converge', '--enable', 'simd', '--initialMemory', '32', '-o', 'kernel.wasm'],
  ),
  { cwd: cache, stdio: 'inherit' },
)
const binary = readFileSync(path.join(cache, 'kernel.wasm'))
const lines = binary.toString('base64').match(/.{1,108}/g) ?? []
const target = path.join(folder, 'kernel-binary.ts')
writeFileSync(
  target,
  `// Made by scripts/build-walker-kernel.ts from kernel.as with ${COMPILER}; do not edit.

/** SHA-256 of the source, so that a test can tell when the two have parted. */
export const KERNEL_SOURCE_SHA256 = '${createHash('sha256').update(readFileSync(source)).digest('hex')}'

/** The module, ${binary.length} bytes, in base64. */
export const KERNEL_BASE64 =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`,
)
process.stdout.write(`${target}: ${binary.length} bytes\n`)
