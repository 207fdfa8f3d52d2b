import { faultInWords, readBanks } from '../core/generate/templates/load-banks.ts'
import { readContentFolder } from '../local/content-folder.ts'

/** Checks every file under content/ (or only the named ones) and prints what is wrong, one fault after the other. */
const only = process.argv.slice(2).map((name) => name.replace(/^content\//, ''))
const { banks, errors } = readBanks(await readContentFolder())
const shown = [...errors, ...banks.warnings].filter(({ file }) => only.length === 0 || only.includes(file))
for (const fault of shown) process.stdout.write(`${fault.severity}: ${faultInWords(fault)}\n`)
const bundles = [...banks.situations].map(([concern, list]) => `${concern} ${list.length}`).join(', ')
process.stdout.write(
  `${errors.length} errors, ${banks.warnings.length} warnings; bundles: ${bundles}; assistant frames ${banks.assistant.length}, ` +
    `client frames ${banks.client.length}, practices ${banks.practices.length}\n`,
)
process.exitCode = errors.length > 0 ? 1 : 0
