// Makes the types in lib/schema of the schemas in docs/schema. With `--check` it only says whether they are what they would be made.

const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { compile } = require('json-schema-to-typescript')

const options = {
  additionalProperties: false,
  bannerComment: '// Made from docs/schema by scripts/schema.cjs; change the types in Rust.',
  unreachableDefinitions: true,
  style: { semi: false, singleQuote: true, printWidth: 140 },
}

/** What says nothing of what it is can be anything; the generator would take it for an object. */
function anything(schema) {
  if (Array.isArray(schema)) return schema.map(anything)
  if (schema === null || typeof schema !== 'object') return schema
  const known = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, anything(value)]))
  const properties = known.properties
  if (properties && !Array.isArray(properties)) {
    for (const [name, of] of Object.entries(properties)) {
      if (Object.keys(of).every((key) => ['description', 'default', 'title'].includes(key))) properties[name] = { ...of, tsType: 'unknown' }
    }
  }
  return known
}

async function main() {
  for (const name of ['input', 'output']) {
    const schema = JSON.parse(readFileSync(join(__dirname, `../../docs/schema/${name}.json`), 'utf8'))
    const made = await compile(anything(schema), schema.title, options)
    const path = join(__dirname, `../lib/schema/${name}.ts`)
    if (!process.argv.includes('--check')) writeFileSync(path, made)
    else if (readFileSync(path, 'utf8') !== made) throw new Error(`lib/schema/${name}.ts is out of date; run \`npm run schema\``)
  }
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
