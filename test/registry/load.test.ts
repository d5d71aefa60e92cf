import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { loadRegistry } from '../../registry/load.ts'
import { RegistryError } from '../../registry/problem.ts'
import type { Environment } from '../../registry/variables.ts'

const TESTDATA = join(import.meta.dirname, 'testdata')
const cases = (await readdir(TESTDATA)).filter(name => name !== 'base.yaml')

let folder: string | undefined
afterEach(async () => {
  if (folder) await rm(folder, { recursive: true })
  folder = undefined
})

/** A case that is one file is merged with base.yaml; a case that is a folder stands by itself. */
async function place(name: string): Promise<string> {
  if (!name.endsWith('.yaml')) return join(TESTDATA, name)
  folder = await mkdtemp(join(tmpdir(), 'affluent-registry-'))
  await copyFile(join(TESTDATA, 'base.yaml'), join(folder, 'base.yaml'))
  await copyFile(join(TESTDATA, name), join(folder, name))
  return folder
}

async function problemsOf(path: string): Promise<RegistryError['problems']> {
  const error = await loadRegistry(path, { environment: {} }).catch(thrown => thrown)
  expect(error).toBeInstanceOf(RegistryError)
  return error.problems
}

/** What a bad case announces behind `#!`: `<file>:<line> <path>: <message>`. */
async function announced(path: string): Promise<string[]> {
  const files = (await readdir(path, { recursive: true })).filter(name => name.endsWith('.yaml')).sort()
  const found: string[] = []
  for (const file of files) {
    const lines = (await readFile(join(path, file), 'utf8')).split('\n')
    for (const [index, line] of lines.entries()) {
      const message = line.split(' #! ')[1]
      if (message) found.push(`${basename(file)}:${index + 1} ${message}`)
    }
  }
  return found
}

describe('every problem of a bad registry is named with its line', () => {
  test.each(cases.filter(name => /-bad(?:\.yaml)?$/.test(name)))('%s', async name => {
    const path = await place(name)
    const problems = (await problemsOf(path)).map(
      ({ file, line, path: at, message }) =>
        `${basename(file)}${line ? `:${line}` : ''} ${at ? `${at}: ` : ''}${message}`,
    )
    const expected = name === 'no-territory-bad' ? [`${name} territory: is missing`] : await announced(path)
    expected.sort()
    // What a library words is announced as `*`.
    const comparable = problems.sort().map((problem, index) => {
      const start = expected[index]?.endsWith('*') && expected[index].slice(0, -1)
      return start && problem.startsWith(start) ? expected[index] : problem
    })
    expect(comparable).toEqual(expected)
  })
})

test.each(cases.filter(name => /-good(?:\.yaml)?$/.test(name)))('%s is accepted', async name => {
  const registry = await loadRegistry(await place(name), { environment: {} })
  expect(registry.points.size).toBeGreaterThan(0)
})

test('a missing file or an empty folder is one clear line', async () => {
  const missing = join(TESTDATA, 'nowhere.yaml')
  await expect(loadRegistry(missing)).rejects.toThrow(/^\S*nowhere\.yaml: there is no such file or folder$/)
  const empty = join(TESTDATA, 'device-file-bad', 'devices')
  await expect(loadRegistry(empty)).rejects.toThrow(/devices: there is no \*\.yaml file in this folder$/)
})

test('a problem is printed as file, line, column, path and message', async () => {
  const error = await loadRegistry(await place('unknown-keys-bad.yaml')).catch(thrown => thrown)
  expect(error.message.split('\n')[0]).toMatch(/unknown-keys-bad\.yaml:1:1 site: unknown key$/)
})

test('a syntax error is named with its line, and the other files are checked all the same', async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-registry-'))
  await writeFile(join(folder, 'a.yaml'), 'sites:\n  - { id: a\nrules: []\n')
  await writeFile(join(folder, 'b.yaml'), 'territory: { id: B }\n')
  const problems = await problemsOf(folder)
  expect(problems.map(({ file, line }) => [basename(file), line])).toContainEqual(['a.yaml', 3])
  expect(problems.map(({ path }) => path)).toContain('territory.id')
})

test('a variable comes from the environment or a file, and no message tells its value', async () => {
  const path = await place('variables-bad.yaml')
  const secret = join(path, 'secret')
  await writeFile(secret, 'https://hooks.example/s3cret\n')
  const load = (environment: Environment) => loadRegistry(path, { environment })
  for (const environment of [
    { AFFLUENT_TEST_MISSING: 'https://hooks.example/s3cret' },
    { AFFLUENT_TEST_MISSING_FILE: secret },
  ]) {
    const { channels } = await load(environment)
    expect(channels.get('a')).toMatchObject({ url: 'https://hooks.example/s3cret' })
  }
  await expect(load({ AFFLUENT_TEST_MISSING_FILE: join(path, 'nowhere') })).rejects.toThrow(/ENOENT/)

  await writeFile(
    join(path, 'twice.yaml'),
    `channels: [{ id: '\${X}', type: log }, { id: '\${X}', type: log }]\n`,
  )
  const error: Error = await load({ AFFLUENT_TEST_MISSING: secret, X: 's3cret' }).catch(thrown => thrown)
  expect(error.message).toContain(`there is another \${X} among the channels`)
  expect(error.message).not.toContain('s3cret')
})

test('the hash holds for the content: not for its layout, nor for what a secret is', async () => {
  const path = await place('variables-bad.yaml')
  const hash = async (url = 'https://a.example') =>
    (await loadRegistry(path, { environment: { AFFLUENT_TEST_MISSING: url } })).hash
  const first = await hash()
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(await hash('https://b.example')).toBe(first)

  const file = join(path, 'variables-bad.yaml')
  const laidOut = `channels:\n  - { url: "\${AFFLUENT_TEST_MISSING}", type: webhook, id: a } # a comment\n`
  await writeFile(file, laidOut)
  expect(await hash()).toBe(first)
  await writeFile(file, laidOut.replace('id: a', 'id: b'))
  expect(await hash()).not.toBe(first)
})

test('what most often is a slip is a warning: a number of a manual, one register under two names', async () => {
  const { warnings } = await loadRegistry(await place('slips-good.yaml'))
  const point = 'gateways[0].connections[0].devices[0].points'
  const own = warnings.filter(warning => warning.includes('slips-good.yaml'))
  expect(own.map(warning => warning.slice(warning.indexOf('slips-good.yaml')))).toEqual([
    `slips-good.yaml:16:43 ${point}.a.modbus.address: counts from 0, as on the wire: if 40071 is the number that a manual gives, write 70`,
    `slips-good.yaml:26:43 ${point}.c.modbus.address: is read as ecole/x/b is: two points say the same`,
    `slips-good.yaml:31:41 ${point}.d.modbus.address: counts from 0, as on the wire: if 30010 is the number that a manual gives, write 9`,
  ])
})

test('a building that is open data and yet hidden, or sounds as if it should be, is a warning', async () => {
  const { warnings } = await loadRegistry(await place('open-data-good.yaml'))
  const own = warnings.filter(warning => warning.includes('open-data-good.yaml'))
  expect(own.map(warning => warning.slice(warning.indexOf('open-data-good.yaml')))).toEqual([
    'open-data-good.yaml:2:124 sites[0].openData: is hidden all the same, as every building of the use child-protection: write false, or openDataDespiteUse with the reason',
    'open-data-good.yaml:3:116 sites[1].openData: “Gendarmerie de la Vallée” sounds like one of the uses child-protection, gendarmerie, police, shelter: say its use, or write false',
    'open-data-good.yaml:18:5 meters[0].allocations: add up to 0.7 on 2026-01-01: what nobody has is hidden, and so are figures that would tell it',
  ])
})
