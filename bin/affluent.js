#!/usr/bin/env -S node --max-semi-space-size=4
// Readings come and go by the ten thousand: a larger young generation only takes memory (docs/benchmarks.md).
// Starts the command line under the project's own Node where the system's is too old to run it.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OLDEST_NODE = 24

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))
const own = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')

if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) {
  // As a URL: on Windows C: would be taken for its scheme.
  await import(pathToFileURL(join(root, 'main.ts')).href)
} else if (existsSync(own)) {
  const child = spawn(own, [...process.execArgv, join(root, 'main.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
} else {
  console.error(
    `Affluent needs Node ${OLDEST_NODE} or newer; this is ${process.version}. Run "npm install" first.`,
  )
  process.exit(2)
}
