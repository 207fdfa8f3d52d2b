import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], more: Record<string, unknown> = {}) => ({
  test: { name, include, testTimeout: 120_000, hookTimeout: 180_000, ...more },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/unit/**/*.test.ts']),
      project('contract', ['test/contract/**/*.test.ts'], { hookTimeout: 300_000 }), // the first run builds the local AWS
      project('integration', ['test/integration/**/*.test.ts'], { testTimeout: 400_000 }),
      project('browser', ['test/browser/**/*.test.ts'], { fileParallelism: false }),
      project('infra', ['test/infra/**/*.test.ts']),
      project('deploy', ['test/deploy/**/*.test.ts'], {
        testTimeout: 600_000,
        hookTimeout: 600_000,
        maxWorkers: 2, // each file has a local AWS of its own
      }),
    ],
  },
})
