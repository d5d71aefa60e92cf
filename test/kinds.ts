import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Who loads one of these may start a process or a browser. */
const STARTS_PROCESSES = new Set(['node:child_process', 'node-opcua', 'playwright-core', 'vite'])

/** Who loads one of these may start a thread or a server, and closes it. */
const STARTS_SERVERS = new Set([
  ...['node:worker_threads', 'node:net', 'node:tls', 'node:http', 'node:https', 'node:dgram'],
  '@duckdb/node-api',
])

/** What changes more than its own file sees. */
const CHANGES_ALL = /\bvi\.(?:mock|spyOn|stub|use)|\bprocess\.(?:chdir|env|on)\b/

/** A whole statement: names that are all of `type` load nothing, nor does what is imported only when it is used. */
const LOADS = /^(?:import|export)\s+(?!type\b)(?:(?<names>[^'"]*?)\sfrom\s+)?'(?<module>[^']+)'/gm

interface Loaded {
  /** Files of the project. */
  files: string[]
  /** Everything else. */
  packages: string[]
}

/** What a file loads at once, by its own words. */
function loadedBy(file: string): Loaded {
  const modules = [...readFileSync(file, 'utf8').matchAll(LOADS)]
    .map(({ groups }) => groups as { names?: string; module: string })
    .filter(({ names = '' }) => !/^\{(?:\s*type\s[^,}]+,?)+\s*\}$/.test(names))
    .map(({ module }) => module)
  const [packages, own] = [false, true].map(isOwn => modules.filter(name => name.startsWith('.') === isOwn))
  const files = own!.map(name => join(dirname(file), name)).filter(path => path.endsWith('.ts'))
  return { files: files.filter(existsSync), packages: packages! }
}

/** What a test loads that is not of the project; each file is read once. */
function packagesOf(test: string, known: Map<string, Loaded>): ReadonlySet<string> {
  const seen = new Set([test])
  const packages = new Set<string>()
  for (const file of seen) {
    const loaded = known.getOrInsertComputed(file, () => loadedBy(file))
    for (const path of loaded.files) seen.add(path)
    for (const name of loaded.packages) packages.add(name)
  }
  return packages
}

type Kind = 'processes' | 'servers' | 'units'

function kindOf(test: string, known: Map<string, Loaded>): Kind {
  const packages = packagesOf(test, known)
  if (CHANGES_ALL.test(readFileSync(test, 'utf8')) || !packages.isDisjointFrom(STARTS_PROCESSES))
    return 'processes'
  return packages.isDisjointFrom(STARTS_SERVERS) ? 'units' : 'servers'
}

/**
 * The tests by what they start, relative to the root. Units start nothing, servers nothing but threads and servers in
 * their own process, and neither changes anything that another test sees: they may share a worker, which loads their
 * modules once. All others have one each.
 */
export function testsByKind(): Record<Kind, string[]> {
  const tests = globSync('test/**/*.test.ts', { cwd: ROOT }).sort()
  const known = new Map<string, Loaded>()
  const byKind = Object.groupBy(tests, test => kindOf(join(ROOT, test), known))
  return { processes: [], servers: [], units: [], ...byKind }
}
