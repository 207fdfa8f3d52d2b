import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/**
 * The arrows of the design: core imports nothing of ours; lambdas, cli and local import core; lib reads only the
 * environment schemas of the functions and the description of the stages.
 */
const onlyFrom = (files, forbidden) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: forbidden }] },
})
const folder = (name, why) => ({ regex: `^(\\.\\./)+${name}/`, ...(why === '' ? {} : { message: why }) })
const zodNamed = {
  selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
  message: "Write `import * as z from 'zod'`: the named import bundles 454 KB, this one 85 KB.",
}
const outOfCore = [
  'lib',
  'lambdas',
  'cli',
  'local',
  'openai-model',
  'review-api',
  'review-site',
  'test',
  'bench',
  'bin',
].map((name) => folder(name, 'core imports nothing from the other folders (docs/adr/0001).'))

export default tseslint.config(
  {
    ignores: ['node_modules', '**/dist', 'cdk.out', 'workspace', '.venv-aws', 'coverage', '**/*.d.ts'],
  },
  js.configs.recommended,
  {
    files: ['**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', require: 'readonly', module: 'writable', URL: 'readonly' },
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', zodNamed],
    },
  },
  { files: ['test/**/*.{ts,tsx}', 'bench/**/*.ts'], rules: { '@typescript-eslint/consistent-type-assertions': 'off' } },
  onlyFrom(
    ['core/**/*.ts'],
    [
      ...outOfCore,
      {
        regex: '^(@aws-sdk/|aws-|hono|@hono/|node:fs|node:sqlite|openai)',
        message: 'The world reaches the core through its ports.',
      },
    ],
  ),
  {
    files: ['core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'Pass it in.' }],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take a Clock.' },
        { object: 'Math', property: 'random', message: 'Take an Rng.' },
      ],
    },
  },
  onlyFrom(
    ['lambdas/**/*.ts'],
    [
      folder('lib', 'A function knows nothing of stacks.'),
      folder('cli', ''),
      folder('local', ''),
      folder('review-site', ''),
    ],
  ),
  onlyFrom(
    ['review-api/**/*.ts'],
    ['lib', 'lambdas', 'cli', 'local', 'review-site'].map((name) => folder(name, 'The API knows only the core.')),
  ),
  onlyFrom(
    ['openai-model/**/*.ts'],
    ['lib', 'lambdas', 'cli', 'local', 'review-api', 'review-site'].map((name) =>
      folder(name, 'The adapter knows only the core.'),
    ),
  ),
  onlyFrom(['cli/**/*.ts'], [folder('lib', ''), folder('review-site', '')]),
  onlyFrom(
    ['local/**/*.ts'],
    [folder('lib', ''), folder('cli', ''), folder('lambdas', 'The one machine needs no AWS.')],
  ),
  onlyFrom(
    ['lib/**/*.ts'],
    [
      folder('core/(?!pipeline/stages)', 'lib reads only the description of the stages.'),
      {
        regex: '^(\\.\\./)+lambdas/(?!.*(env|reviews-table)\\.ts$)',
        message: 'lib reads only the env.ts schemas of the functions, and the keys of their table.',
      },
      folder('cli', ''),
      folder('local', ''),
    ],
  ),
)
