import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from './tree.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

it('every dependency has its line in docs/dependencies.md, and no other', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'))
  const used = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
  const rows = read('docs/dependencies.md')
    .split('\n')
    .filter(line => /^\| (?!Library|-)/.test(line))
  const documented = rows.flatMap(row => row.split('|')[1]!.trim().split(', '))
  expect(documented.toSorted()).toEqual(used.toSorted())
})

it('the lockfile names no download address', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"')
})
