import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createApp, Dialogues } from '../../lib/application.ts'
import { ENVIRONMENT_NAMES, ENVIRONMENTS } from '../../lib/environments.ts'
import { FUNCTION_NAMES } from '../../scripts/function-bundles.ts'

/** What docs/guides/deployment.md tells people to type, and what it says things cost. */
const ROOT = join(import.meta.dirname, '..', '..')
const guide = readFileSync(join(ROOT, 'docs', 'guides', 'deployment.md'), 'utf8')
const commands = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.split('\n'))

describe('The deployment guide', () => {
  it('names stacks as the CDK knows them: another pattern matches nothing, and the CDK calls that a success', () => {
    const patterns = commands.flatMap((line) => /npx cdk (?:deploy|destroy|diff) .*?"([^"]*)"/.exec(line)?.[1] ?? [])
    expect(patterns.length).toBeGreaterThan(1)
    for (const pattern of patterns) expect([...ENVIRONMENT_NAMES, '$E'].map((name) => `${name}/*`)).toContain(pattern)
    for (const line of commands.filter((one) => /npx cdk (deploy|destroy|diff)/.test(one)))
      expect(line).toMatch(/\/\*"/)
  })

  it('names scripts and files that are there', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
    for (const [, script = ''] of guide.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty(script)
    for (const [, path = ''] of guide.matchAll(/\b((?:scripts|examples)\/[\w.-]+\.\w+)/g))
      expect(existsSync(join(ROOT, path)), path).toBe(true)
    for (const [, link = ''] of guide.matchAll(/\]\((\.\.[^)]+)\)/g))
      expect(existsSync(join(ROOT, 'docs', 'guides', link)), link).toBe(true)
  })

  it('adds its costs up', () => {
    const rows = guide
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| --'))
      .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('*', '')))
      .map(([, name = '', ...cells]) => ({ name, sums: cells.slice(0, 3).map(Number) }))
      .filter(({ sums }) => sums.length === 3 && sums.every((sum) => !Number.isNaN(sum)))
    const byUse = rows.findIndex(({ name }) => name === 'by use')
    const inAll = rows.findIndex(({ name }) => name === 'in all, prod')
    expect(byUse).toBeGreaterThan(8)
    for (const column of [0, 1, 2]) {
      const sum = (from: number, to: number) =>
        rows.slice(from, to).reduce((total, { sums }) => total + (sums[column] ?? 0), 0)
      expect(sum(0, byUse)).toBeCloseTo(rows[byUse]?.sums[column] ?? 0, 2)
      expect(sum(byUse, inAll)).toBeCloseTo(rows[inAll]?.sums[column] ?? 0, 2)
    }
    // A product of the first column is a hundred and a thousand times itself in the others, as far as two places show.
    const lambda = 6 * (0.2e-6 + 0.05 * 1.73 * 0.0000133)
    expect(rows.find(({ name }) => name.startsWith('Lambda, API'))?.sums[2]).toBeCloseTo(lambda * 1e6, 1)
  })

  it('counts alarms as they are billed: by the metrics that they watch', () => {
    const folder = mkdtempSync(join(tmpdir(), 'guide-'))
    for (const name of ['site', 'site/assets', ...FUNCTION_NAMES]) mkdirSync(join(folder, name))
    for (const name of FUNCTION_NAMES) writeFileSync(join(folder, name, 'index.mjs'), '')
    writeFileSync(join(folder, 'site', 'index.html'), '')
    const environment = ENVIRONMENTS.prod
    const all = new Dialogues(createApp(), { environment, siteFolder: join(folder, 'site'), bundlesFolder: folder })
    const alarms = Object.values(Template.fromStack(all.observability).findResources('AWS::CloudWatch::Alarm'))
    const metrics = alarms.map((alarm) => {
      const { Metrics = [{ MetricStat: {} }] } = alarm['Properties'] as { Metrics?: { MetricStat?: unknown }[] }
      return Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length
    })
    rmSync(folder, { recursive: true })
    const watched = metrics.reduce((sum, one) => sum + one, 0)
    expect(guide).toContain(`alarms on ${watched} metrics × 0.10`)
  })
})
