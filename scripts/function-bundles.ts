import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { bankValues, loadBanks } from '../core/generate/templates/load-banks.ts'
import { readContentFolder, readPromptFiles } from '../local/content-folder.ts'

/**
 * The functions of `lambdas/` as what is deployed: for each a folder with `index.mjs` and the pieces that it loads only when an
 * event needs them. One place for the stacks, the size budgets and the measurement of cold starts.
 */
export interface FunctionBundle {
  name: string
  /** Bytes that every cold start reads: `index.mjs` and what it imports outright. */
  start: number
  /** Bytes of the pieces that are loaded when first needed. */
  later: number
}

interface HowBundled {
  /** Whether it makes JSON Schemas of zod's, which is only done for a language model. @default false */
  jsonSchema?: true
  /** Whether the template banks go along, as `banks.json`. @default false */
  banks?: true
  /** Whether the texts that prompts are made of go along, as `prompts.json`. @default false */
  prompts?: true
}

/** By folder below `lambdas/`. */
const FUNCTIONS: Readonly<Record<string, HowBundled>> = {
  generate: { banks: true, prompts: true },
  'ask-model': { banks: true, prompts: true, jsonSchema: true },
  'open-review': {},
  apply: {},
  merge: {},
  'review-api': {},
}
export const FUNCTION_NAMES: readonly string[] = Object.keys(FUNCTIONS)

const ROOT = join(import.meta.dirname, '..')
const SHARED = join(ROOT, 'lambdas', 'shared')

export interface BundlingOptions {
  /** @default all */
  names?: readonly string[]
  /**
   * Source maps beside the code, which stays the same to the byte. They are not deployed: Node reads them all at a cold start, 20 ms
   * that nobody would profit from until something throws. `scripts/source-of.ts` finds the line of a stack trace instead.
   * @default false
   */
  sourceMaps?: boolean
}

/** Bundles functions into folders of their names below `outputFolder`. Takes some two seconds for all of them. */
export function bundleFunctions(
  outputFolder: string,
  { names = FUNCTION_NAMES, sourceMaps = false }: BundlingOptions = {},
): Promise<FunctionBundle[]> {
  return Promise.all(names.map((name) => bundleFunction(name, join(outputFolder, name), sourceMaps)))
}

async function bundleFunction(name: string, folder: string, sourceMaps: boolean): Promise<FunctionBundle> {
  const how = FUNCTIONS[name]
  if (how === undefined) throw new Error(`${name} is no function; there are ${FUNCTION_NAMES.join(', ')}`)
  // Written by us and not by esbuild: source maps name their sources relative to this folder, wherever it is made.
  const outdir = join(ROOT, 'functions', name)
  const { outputFiles, metafile } = await build({
    entryPoints: { index: join(ROOT, 'lambdas', name, 'handler.ts') },
    absWorkingDir: ROOT,
    outdir,
    write: false,
    metafile: true,
    bundle: true,
    splitting: true, // what is imported by `import()` is a file of its own, read when it is needed
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'piece-[hash]',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'], // 742 → 473 KB
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external', // made always, for the names of the pieces depend on it
    sourcesContent: false,
    alias: {
      'zod/v3': join(SHARED, 'zod-without-v3.ts'),
      'zod/v4': join(SHARED, 'zod-without-locales.ts'),
      zod: join(SHARED, 'zod-without-locales.ts'),
      '@aws-sdk/credential-provider-node': join(SHARED, 'environment-credentials.ts'),
    },
    plugins: [sdkSchemasThatCanBeLeftOut, ...(how.jsonSchema === true ? [] : [zodWithoutJsonSchema])],
    // Some dependencies still call require.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  await mkdir(folder, { recursive: true })
  const wanted = outputFiles.filter(({ path }) => sourceMaps || !path.endsWith('.map'))
  await Promise.all(wanted.map(({ path, contents }) => writeFile(join(folder, basename(path)), contents)))
  if (how.prompts === true) await writeFile(join(folder, 'prompts.json'), JSON.stringify(await readPromptFiles()))
  if (how.banks === true) await writeFile(join(folder, 'banks.json'), await banksAsJson())
  return { name, ...sizesOf(metafile) }
}

/** The banks as the function reads them: checked here, so that a fault in them ends a deployment and not a batch. */
async function banksAsJson(): Promise<string> {
  const files = await readContentFolder()
  loadBanks(files)
  return JSON.stringify(bankValues(files))
}

function sizesOf({ outputs }: Metafile): { start: number; later: number } {
  const code = Object.entries(outputs).filter(([path]) => path.endsWith('.mjs'))
  const atStart = new Set<string>()
  const follow = (path: string): void => {
    if (atStart.has(path)) return
    atStart.add(path)
    for (const { path: next, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && outputs[next] !== undefined) follow(next)
  }
  for (const [path, { entryPoint }] of code)
    if (entryPoint !== undefined && basename(path) === 'index.mjs') follow(path)
  const bytes = (wanted: boolean) =>
    code.filter(([path]) => atStart.has(path) === wanted).reduce((sum, [, output]) => sum + output.bytes, 0)
  return { start: bytes(true), later: bytes(false) }
}

/**
 * The SDK describes every operation of a service in one module, with keys such as `[_hE]`, constants declared above. A bundler has
 * to keep what has computed keys, for computing them might do something. Written out, they let go of the operations that
 * nobody calls: 56 KB of S3's, and a tenth of the time to load it.
 */
const sdkSchemasThatCanBeLeftOut: Plugin = {
  name: 'sdk-schemas-that-can-be-left-out',
  setup(bundling) {
    bundling.onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/schemas_\d+\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const constants = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"\\\n]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
      )
      return {
        contents: source.replace(/\[(_\w+)\]:/g, (key, name: string) => {
          const text = constants.get(name)
          return text === undefined ? key : `${text}:`
        }),
        loader: 'js',
        resolveDir: dirname(path),
      }
    })
  },
}

/** Each of zod's schemas can describe itself as JSON Schema: 20 KB that only a language model asks for. */
const zodWithoutJsonSchema: Plugin = {
  name: 'zod-without-json-schema',
  setup(bundling) {
    bundling.onLoad({ filter: /zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/ }, async ({ path }) => {
      const missing: string[] = []
      const source = await readFile(path, 'utf8')
      const contents = source.replace(/^export (const|function) (\w+)/gm, (declared, kind: string, name: string) => {
        if (name === 'aggregateChecks') return declared // what a schema's `minLength` and its like are answered by
        missing.push(`export const ${name} = ${name.startsWith('create') ? '() => missing' : 'missing'}`)
        return `${kind} left_out_${name}`
      })
      return { contents: [MISSING, contents, ...missing].join('\n'), loader: 'js', resolveDir: dirname(path) }
    })
  },
}
const MISSING =
  "const missing = () => { throw new Error('no JSON Schema in this bundle: set jsonSchema in scripts/function-bundles.ts') }"
