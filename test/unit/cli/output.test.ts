import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../cli/failure.ts'
import { openInput } from '../../../cli/input.ts'
import { openOutput, writeOutput } from '../../../cli/output.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'output-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const place = (name: string) => join(folder, name)

describe('an output file', () => {
  it('is there whole after the commit, and nothing else is', async () => {
    const size = await writeOutput(await openOutput(place('out.json')), ['{"a":', Buffer.from('1}')])

    expect(size).toBe(7)
    expect(await readFile(place('out.json'), 'utf8')).toBe('{"a":1}')
    expect(await readdir(folder)).toEqual(['out.json'])
  })

  it('leaves what was there before when the source fails in the middle', async () => {
    await writeFile(place('out.json'), 'before')
    const failing = (async function* () {
      yield 'x'.repeat(1_000_000)
      throw new Error('no more')
    })()

    await expect(writeOutput(await openOutput(place('out.json')), failing)).rejects.toThrow('no more')

    expect(await readFile(place('out.json'), 'utf8')).toBe('before')
    expect(await readdir(folder)).toEqual(['out.json'])
  })

  it('refuses a folder, a missing folder and a name that ends as a folder does', async () => {
    await mkdir(place('dir'))
    await expect(openOutput(place('dir'))).rejects.toThrow('is a folder')
    await expect(openOutput(place('none/out.json'))).rejects.toThrow('Make it first: mkdir -p')
    await expect(openOutput(`${folder}/new/`)).rejects.toThrow(UsageError)
    await writeFile(place('file'), '')
    await expect(openOutput(place('file/out.json'))).rejects.toThrow('a part of the path is a file')
  })

  it('refuses to overwrite its own input, by another name too', async () => {
    await writeFile(place('in.json'), '[]')
    await symlink(place('in.json'), place('alias.json'))
    const input = await openInput(place('in.json'))

    await expect(openOutput(place('in.json'), [input])).rejects.toThrow('is the input itself')
    await expect(openOutput(place('alias.json'), [input])).rejects.toThrow('an input is never overwritten')
    expect(await readFile(place('in.json'), 'utf8')).toBe('[]')
  })

  it('writes through a link, which stays one', async () => {
    await mkdir(place('real'))
    await writeFile(place('real/data.json'), 'old')
    await symlink(place('real/data.json'), place('link.json'))

    await writeOutput(await openOutput(place('link.json')), ['new'])

    expect(await readFile(place('real/data.json'), 'utf8')).toBe('new')
    expect(
      (await readdir(folder, { withFileTypes: true })).find(({ name }) => name === 'link.json')?.isSymbolicLink(),
    ).toBe(true)
  })

  it('clears away what a killed run left, but not what a running one is writing', async () => {
    await writeFile(place('.out.json.999999999.partial'), 'half')
    await writeFile(place(`.out.json.${process.ppid}.partial`), 'somebody at work')

    await writeOutput(await openOutput(place('out.json')), ['x'])

    expect((await readdir(folder)).sort()).toEqual([`.out.json.${process.ppid}.partial`, 'out.json'])
  })

  it('writes into a device instead of replacing it', async () => {
    await writeOutput(await openOutput('/dev/null'), ['x'])

    expect((await openInput('/dev/null')).size).toBeUndefined()
  })
})
