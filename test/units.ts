import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Who loads one of these may start a process, a thread, a server or a browser. */
const STARTS = new Set([
  ...['node:child_process', 'node:worker_threads', 'node:net', 'node:tls', 'node:http', 'node:https'],
  ...['node:dgram', '@duckdb/node-api', 'node-opcua', 'playwright-core', 'vite'],
])

/** What changes more than its own file sees. */
const CHANGES_ALL = /\bvi\.(?:mock|spyOn|stub|use)|\bprocess\.(?:chdir|env|on)\b/

/** A whole statement: names that are all of `type` load nothing, nor does what is imported only when it is used. */
const LOADS = /^(?:import|export)\s+(?!type\b)(?:(?<names>[^'"]*?)\sfrom\s+)?'(?<module>[^']+)'/gm

/** What a file loads at once, by its own words. */
function loadedBy(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(LOADS)]
    .map(({ groups }) => groups as { names?: string; module: string })
    .filter(({ names = '' }) => !/^\{(?:\s*type\s[^,}]+,?)+\s*\}$/.test(names))
    .map(({ module }) => module)
}

function startsNothing(test: string): boolean {
  const seen = new Set([test])
  for (const file of seen)
    for (const module of loadedBy(file)) {
      if (STARTS.has(module)) return false
      const path = join(dirname(file), module)
      if (module.startsWith('.') && path.endsWith('.ts') && existsSync(path)) seen.add(path)
    }
  return !CHANGES_ALL.test(readFileSync(test, 'utf8'))
}

/**
 * The tests that start nothing and change nothing that another one sees, relative to the root: they may share a
 * worker, which loads their modules once. All others have one each.
 */
export function unitTests(): string[] {
  return globSync('test/**/*.test.ts', { cwd: ROOT })
    .filter(test => startsNothing(join(ROOT, test)))
    .map(test => relative(ROOT, join(ROOT, test)))
    .sort()
}
