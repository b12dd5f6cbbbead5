// Writes the entry for `import`: one instance of the package, whichever way it is loaded, so that `instanceof` holds.
const fs = require('node:fs')
const path = require('node:path')

const dist = path.join(__dirname, '..', 'dist')
const names = [...fs.readFileSync(path.join(dist, 'index.d.ts'), 'utf8').matchAll(/^export \{ ([^}]+) \} from/gm)]
  .flatMap((match) => match[1].split(','))
  .map((name) => name.trim().split(' as ').pop())
  .filter((name) => name && !name.startsWith('type '))
if (names.length < 10) throw new Error(`only ${names.length} exports were found`)
fs.writeFileSync(path.join(dist, 'index.mjs'), `import leo from './index.js'\nexport const { ${names.join(', ')} } = leo\nexport default leo\n`)
