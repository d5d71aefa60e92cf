import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { projectFiles, ROOT } from './tree.ts'

const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name)

// They look at every file, beside two other tests.
vi.setConfig({ testTimeout: 300_000 })

/** Does not hold up the worker, whose messages must be answered within a minute. */
function run(program: string, args: string[]): Promise<{ status: unknown; output: string }> {
  return new Promise(resolve =>
    execFile(program, args, { cwd: ROOT, maxBuffer: 64 * 1024 ** 2 }, (error, out, err) =>
      resolve({ status: error ? (error.code ?? error.signal) : 0, output: out + err }),
    ),
  )
}

it('the types hold', async () => {
  expect(await run(bin('tsc'), [])).toEqual({ status: 0, output: '' })
})

it('the types of the console hold', async () => {
  expect(await run(bin('tsc'), ['-p', 'dashboards/console'])).toEqual({ status: 0, output: '' })
})

it('lint and format hold', async () => {
  const result = await run(bin('biome'), ['check', '--error-on-warnings', '.'])
  expect(result.status, result.output).toBe(0)
})

// vitest forgives an import of an interface without `type`; node, which strips types, does not.
it('plain node can import every module', async () => {
  const modules = projectFiles(/^(?!bench\/|dashboards\/console\/).*\.ts$/).filter(
    file =>
      !/\.test\.ts$|\.config\.ts$|^main\.ts$|worker\.ts$/.test(file) &&
      !/^test\/(?:e2e|faults|scale|users)\//.test(file),
  )
  const script = modules.map(file => `await import('./${file}')`).join('\n')
  const args = ['--input-type=module', '-e', `${script}\nprocess.exit(0)`]
  expect(await run(process.execPath, args)).toEqual({ status: 0, output: '' })
})
