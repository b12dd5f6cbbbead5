// Lays the packages out as they are published: `askleo`, and one for each platform that holds nothing but the compiled part.
//
//   node scripts/package.cjs COMPILED TARGET [PLATFORM]
//
// COMPILED is the library that cargo made, TARGET the folder to write to, PLATFORM such as `linux-x64-gnu`, this machine's unless given.
const fs = require('node:fs')
const path = require('node:path')

const PLATFORMS = {
  'linux-x64-gnu': { os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
  'linux-x64-musl': { os: ['linux'], cpu: ['x64'], libc: ['musl'] },
  'linux-arm64-gnu': { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] },
  'linux-arm64-musl': { os: ['linux'], cpu: ['arm64'], libc: ['musl'] },
  'darwin-x64': { os: ['darwin'], cpu: ['x64'] },
  'darwin-arm64': { os: ['darwin'], cpu: ['arm64'] },
  'win32-x64-msvc': { os: ['win32'], cpu: ['x64'] },
}

/** What this machine's package is called by. */
function here() {
  const { platform, arch } = process
  if (platform === 'linux') return `linux-${arch}-${process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`
}

const root = path.join(__dirname, '..')
const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT']
const [compiled, target, platform = here()] = process.argv.slice(2)
if (!compiled || !target || !(platform in PLATFORMS)) {
  console.error(`usage: package.cjs COMPILED TARGET [${Object.keys(PLATFORMS).join('|')}]`)
  process.exit(2)
}
const { devDependencies, scripts, ...main } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
const { name, version, license, engines, description } = main

/** A folder with the licences in it, made anew. */
function fresh(called) {
  const folder = path.join(target, called)
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  for (const licence of LICENCES) fs.copyFileSync(path.join(root, '..', licence), path.join(folder, licence))
  return folder
}

function write(folder, { files, ...json }) {
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ ...json, files: [...files, ...LICENCES] }, null, 2)}\n`)
}

const own = fresh(name)
fs.cpSync(path.join(root, 'dist'), path.join(own, 'dist'), { recursive: true })
fs.copyFileSync(path.join(root, 'README.md'), path.join(own, 'README.md'))
const optionalDependencies = Object.fromEntries(Object.keys(PLATFORMS).map((one) => [`@${name}/${one}`, version]))
write(own, { ...main, optionalDependencies })

const part = fresh(platform)
fs.writeFileSync(path.join(part, 'README.md'), `The compiled part of the package “${name}” for ${platform}; install that.\n`)
fs.copyFileSync(compiled, path.join(part, 'askleo.node'))
write(part, {
  name: `@${name}/${platform}`, version, description: `${description} (compiled for ${platform})`, license, engines,
  main: 'askleo.node', files: ['askleo.node'], ...PLATFORMS[platform],
})
console.log(`${own}\n${part}`)
