// Runs before `npm start` and `npm test`: installs what the lockfile names and builds the console, each only
// when something changed. Plain JavaScript that Node 18 reads, because the project's own Node may not be here yet.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = 24

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...names) => join(root, ...names)
const env = { ...process.env, PATH: at('node_modules', '.bin') + delimiter + process.env.PATH }

function stop(message) {
  console.error(message)
  process.exit(2)
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
  if (result.error) stop(`Cannot run ${command}: ${result.error.message}`)
  if (result.status !== 0) stop(`${command} ${args.join(' ')} failed; what it said stands above.`)
}

function hashOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path).update(readFileSync(path))
  return hash.digest('hex')
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
    )
    .sort()
}

/** Does the work unless the stamp shows that it was done for the same content. */
function once(stamp, content, message, work) {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === content) return
  console.log(message)
  work()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, content)
}

once(at('node_modules', '.installed'), hashOf([at('package-lock.json')]), 'Installing the libraries …', () =>
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']),
)

const node = spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout.trim()
if (Number(node.slice(1).split('.')[0]) < OLDEST_NODE)
  stop(
    `Affluent needs Node ${OLDEST_NODE} or newer; this is ${node}. On Linux (x64, arm64) it brings its own.`,
  )

const consoleSources = [...filesBelow(at('dashboards', 'console')), at('package-lock.json')]
once(at('dist', '.console'), hashOf(consoleSources), 'Building the console …', () =>
  run('vite', ['build', '--logLevel', 'warn', at('dashboards', 'console')]),
)
