import { defineConfig, type Plugin } from 'vite'

/**
 * One build serves every environment: what differs between them is read from `/config.json` at run time.
 *
 * The style sheet keeps `light-dark()` and native nesting as they are: every browser since 2024 knows them, and the
 * fallbacks would double it.
 */
export default defineConfig({
  plugins: [plainImports()],
  // Said here, not left to NODE_ENV: a page built by a test run is the page that people get.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    target: 'es2022',
    cssTarget: ['chrome125', 'firefox128', 'safari17.5'],
    modulePreload: false,
    rolldownOptions: {
      output: {
        // What the review screen shares with later pages stays in one file with it: one request instead of five.
        codeSplitting: { groups: [{ name: 'page', test: isOnFirstPage }] },
      },
    },
  },
})

const LATER =
  /(app\/dialog|sign-in-page|comment-editor|guidelines|keys-dialog|change-keys|review-summary|conflict-dialog|nothing-left|unsaved-list)\.tsx?$/

function isOnFirstPage(id: string): boolean {
  return /node_modules\/preact\/|review-site\/(app|api|review)\//.test(id) && !LATER.test(id)
}

/**
 * Vite wraps each `import()` in a kilobyte that preloads what the module needs. Here that is in the first file already,
 * so the wrapper is replaced by the plain call.
 */
function plainImports(): Plugin {
  return {
    name: 'plain-imports',
    enforce: 'pre',
    load: (id) => (id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load()' : undefined),
  }
}
