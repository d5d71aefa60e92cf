import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectFiles, ROOT } from './tree.ts'

const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name)

function run(program: string, args: string[]) {
  const result = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' })
  return { status: result.status, output: result.stdout + result.stderr }
}

it('the types hold', () => {
  expect(run(bin('tsc'), [])).toEqual({ status: 0, output: '' })
})

it('the types of the console hold', () => {
  expect(run(bin('tsc'), ['-p', 'dashboards/console'])).toEqual({ status: 0, output: '' })
})

it('lint and format hold', () => {
  const result = run(bin('biome'), ['check', '--error-on-warnings', '.'])
  expect(result.status, result.output).toBe(0)
})

// vitest forgives an import of an interface without `type`; node, which strips types, does not.
it('plain node can import every module', () => {
  const modules = projectFiles(/^(?!bench\/|dashboards\/console\/).*\.ts$/).filter(
    file =>
      !/\.test\.ts$|\.config\.ts$|^main\.ts$|worker\.ts$/.test(file) &&
      !/^test\/(?:e2e|faults|scale|users)\//.test(file),
  )
  const script = modules.map(file => `await import('./${file}')`).join('\n')
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', `${script}\nprocess.exit(0)`], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect({ status: result.status, stderr: result.stderr }).toMatchObject({ status: 0, stderr: '' })
})
