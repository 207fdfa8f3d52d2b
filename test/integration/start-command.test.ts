import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What `npm start` says when it cannot start. */

const ROOT = join(import.meta.dirname, '..', '..')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function start(...flags: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'start.ts'), ...flags], { cwd: ROOT })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

describe('npm start', () => {
  it('explains itself', async () => {
    const { code, out } = await start('--help')
    expect(code).toBe(0)
    expect(out).toContain('npm start -- --port 8080')
  })

  it.each([
    [['--prot', '8080'], "'--prot'"],
    [['--port', 'http'], '--port http'],
    [['--port', '70000'], '--port 70000'],
    [['--port', '-1'], '--port'],
    [['seeds.json'], 'seeds.json'],
  ])('used wrongly (%j) says how it is used, and exits with 2', async (flags, named) => {
    const { code, err } = await start(...flags)
    expect(code).toBe(2)
    expect(err).toContain(named)
    expect(err).toContain('Usage:')
    expect(err).not.toMatch(/^ +at /m)
  })

  it('on a port that is taken says so in two lines, with what to do', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    try {
      const { code, err } = await start('--port', String(port), '--workspace', join(folder, 'w'))
      expect(code).toBe(1)
      expect(err).toMatch(new RegExp(`^port ${port} is in use\\n  .*npm start -- --port ${port + 1}\\n$`))
    } finally {
      other.close()
    }
  })

  it.each([
    ['/proc/x', 'the workspace cannot be made'],
    ['/proc/x/y', 'the workspace cannot be made'],
    ['/', 'the workspace cannot be the root of the machine'],
    ['/tmp/..', 'the workspace cannot be the root of the machine'],
    ['package.json', 'the workspace cannot be made'],
    ['package.json/x', 'the workspace cannot be made'],
  ])('with a workspace that cannot be one (%s) says so at once, with what to do', async (workspace, message) => {
    const { code, err } = await start('--port', '0', '--workspace', workspace)
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).toContain('npm start -- --workspace <folder>')
    expect(err).not.toMatch(/^ +at /m)
  })

  it.each([
    ['a workspace that is a file', 'file', 'a file', 'workspace'],
    ['accounts that are no JSON', 'w1/accounts.json', '{"accounts": [', 'accounts.json: this is not JSON'],
    [
      'an account without a password',
      'w2/accounts.json',
      '{"accounts": [{"username": "a", "name": "A", "groups": ["leads"]}]}',
      'the account a has no password',
    ],
    ['guidelines without a version', 'w3/guidelines.md', '# How we review', 'guidelines.md'],
  ])('with %s says which file, and exits with 1', async (_what, path, content, message) => {
    const file = join(folder, path)
    const workspace = path.includes('/') ? join(folder, path.split('/')[0] ?? '') : file
    if (path.includes('/')) await import('node:fs/promises').then(({ mkdir }) => mkdir(workspace))
    await writeFile(file, content)
    const { code, err } = await start('--port', '0', '--workspace', workspace)
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).not.toMatch(/^ +at /m)
  })
})
