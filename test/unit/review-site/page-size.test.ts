import { beforeAll, describe, expect, it } from 'vitest'
import { builtSite, readSite, type SiteFile, type SiteFiles } from '../../../local/review-site.ts'

/** What a reviewer waits for on a slow line. Bytes after gzip -9, as both homes serve them. */
const MOST_SCRIPT = 25_000
const MOST_STYLE = 5_000
/** Fetched once, at sign-in: the library, and what we put around it. */
const MOST_SIGN_IN = 19_000

let site: SiteFiles
beforeAll(async () => {
  site = await readSite((await builtSite()).folder)
})

const file = (path: string): SiteFile => {
  const found = site.get(path)
  if (found === undefined) throw new Error(`the build has no ${path}, only ${[...site.keys()].join(', ')}`)
  return found
}
const gzipped = (path: string): number => file(path).gzipped?.length ?? file(path).body.length
const sum = (paths: string[]): number => paths.reduce((total, path) => total + gzipped(path), 0)
const html = () => file('/index.html').body.toString()
const named = (pattern: RegExp) => [...html().matchAll(pattern)].flatMap((match) => match[1] ?? [])
/** What a script imports before it can run. */
const imports = (path: string) =>
  [
    ...file(path)
      .body.toString()
      .matchAll(/(?:^|[;}])(?:import|export)(?:[^"'`;()]*from)?["'`]\.\/([^"'`]+)/g),
  ].map((match) => `/assets/${match[1]}`)

describe('The review page', () => {
  it(`is one script of at most ${MOST_SCRIPT} bytes`, () => {
    const scripts = named(/<script[^>]+src="([^"]+)"/g)
    expect(scripts).toHaveLength(1)
    expect(scripts.flatMap(imports)).toEqual([])
    expect(sum(scripts)).toBeLessThanOrEqual(MOST_SCRIPT)
  })

  it(`has one style sheet of at most ${MOST_STYLE} bytes`, () => {
    const sheets = named(/<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"/g)
    expect(sheets).toHaveLength(1)
    expect(sum(sheets)).toBeLessThanOrEqual(MOST_STYLE)
  })

  it('takes the sign-in library only when somebody signs in', () => {
    const library = [...site.keys()].filter((path) => file(path).body.includes('code_verifier'))
    expect(library).toHaveLength(1)
    expect(library[0]).toMatch(/^\/assets\/sign-in-/)
    expect(sum(library)).toBeLessThanOrEqual(MOST_SIGN_IN)
  })

  it('holds no inline script or style, which the security policy of both homes would refuse', () => {
    expect(html()).not.toMatch(/<style|style="|<script(?![^>]+src=)|\son[a-z]+="/)
  })

  it('carries nothing of where it is deployed', () => {
    for (const [path, { body }] of site) expect(body.toString(), path).not.toMatch(/amazonaws|cognito-idp|localhost:\d/)
  })
})
