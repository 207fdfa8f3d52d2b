import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

/** The built review page, in memory: some dozen files that together weigh less than one photograph. */
export interface SiteFile {
  body: Buffer
  gzipped: Buffer | undefined
  type: string
  etag: string
  /** Carries a hash of its content in its name, so it can be kept for good. */
  immutable: boolean
}
/** By path, e.g. `/index.html`. */
export type SiteFiles = ReadonlyMap<string, SiteFile>

const ROOT = join(import.meta.dirname, '..')
const SITE = join(ROOT, 'review-site')
/** One folder a build, named for the hash of its sources. */
const BUILDS = join(ROOT, '.cache', 'review-site')
/** What ends up in the page: its own folder, what it takes from these two, and the versions of what it imports. */
const SOURCES = ['review-site', 'review-api', 'core']
const VERSIONS = 'package-lock.json'

/**
 * The folder with the page as the sources are now; it is built when there is none yet. Finding it takes some 20 ms,
 * building about a second, once. A build that is cut off leaves none, and two at a time do not disturb each other.
 */
export async function builtSite(): Promise<{ folder: string; outcome: 'built' | 'fresh' }> {
  const folder = join(BUILDS, await hashOfSources())
  if (existsSync(folder)) return { folder, outcome: 'fresh' }
  const { build } = await import('vite') // 300 ms that a start with a fresh build does not pay
  await mkdir(BUILDS, { recursive: true })
  const half = await mkdtemp(join(BUILDS, 'building-'))
  await build({ root: SITE, logLevel: 'error', build: { outDir: half, emptyOutDir: true } })
  await rename(half, folder).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true })
    if (!existsSync(folder)) throw error // otherwise another start was faster, with the same page
  })
  return { folder, outcome: 'built' }
}

export async function readSite(folder: string): Promise<SiteFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('.map'))
  return new Map(
    await Promise.all(
      files.map(async (entry): Promise<[string, SiteFile]> => {
        const path = join(entry.parentPath, entry.name)
        const name = '/' + relative(folder, path).split(sep).join('/')
        return [name, siteFile(name, await readFile(path))]
      }),
    ),
  )
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
}

function siteFile(name: string, body: Buffer): SiteFile {
  const type = TYPES[extname(name)] ?? 'application/octet-stream'
  const isText = !/^(font|image\/(png|x-icon)|application\/octet)/.test(type)
  return {
    body,
    gzipped: isText ? gzipSync(body, { level: 9 }) : undefined,
    type,
    etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 24)}"`,
    immutable: name.startsWith('/assets/'), // where Vite puts what it names by hash
  }
}

async function hashOfSources(): Promise<string> {
  const lists = await Promise.all(SOURCES.map((folder) => sourceFiles(join(ROOT, folder))))
  const paths = [...lists.flat(), join(ROOT, VERSIONS)].sort()
  const contents = await Promise.all(paths.map((path) => readFile(path)))
  const hash = createHash('sha256')
  for (const [index, path] of paths.entries()) {
    const content = contents[index]
    if (content === undefined) continue
    hash.update(`${relative(ROOT, path).split(sep).join('/')}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

async function sourceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(SITE, 'dist') + sep))
}
