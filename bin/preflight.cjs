'use strict'
// Plain old JavaScript on purpose: it must parse on whatever Node the machine has, to say in one line what is needed.
var major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    'synthetic-dialogues needs Node 24 or newer; this is ' +
      process.version +
      ' (' +
      process.platform +
      '-' +
      process.arch +
      '). ' +
      'Run `npm ci` once (it brings Node 24 on Linux and Windows), or install Node 24 from nodejs.org, then use `npm run`.',
  )
  process.exit(2)
}
