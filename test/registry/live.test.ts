import { mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fingerprintOf } from '../../registry/fingerprint.ts'
import { type LiveRegistry, openLiveRegistry } from '../../registry/live.ts'
import { loadWritten } from '../../registry/load.ts'
import type { Registry } from '../../registry/registry.ts'
import { memoryLog } from '../rules/territory.ts'
import { device, oneLine, registerPoint, site, TERRITORY } from './yaml.ts'

const NOW = Date.UTC(2026, 10, 22, 3)
const HEAD = `${TERRITORY}sites:
${site('mairie', { name: 'Mairie' })}${oneLine([device('hall', 'mairie', { air: registerPoint('air-temperature', 'Cel', 0) })])}`
const rule = (below: number | string, more = '') => `
rules:
  - id: frost
    name: Frost
    select: { points: [mairie/hall/air] }
    condition: { type: threshold, below: ${below} }
    severity: warning${more}
`

let folder: string
let live: LiveRegistry
let log: ReturnType<typeof memoryLog>
const taken: Registry[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-live-'))
  await writeFile(join(folder, 'a.yaml'), HEAD)
  await writeFile(join(folder, 'rules.yaml'), rule(5))
  log = memoryLog()
  taken.length = 0
  const loadOptions = { environment: {} }
  const print = await fingerprintOf(folder)
  const loaded = await loadWritten(folder, loadOptions)
  const clock = { now: () => NOW, elapsed: () => NOW }
  live = openLiveRegistry({ ...loaded, path: folder, print, loadOptions, clock, log: log.log })
  live.onTakenOver(previous => taken.push(previous))
})

afterEach(async () => {
  await live.close()
  await rm(folder, { recursive: true })
})

const write = (name: string, text: string) => writeFile(join(folder, name), text)
const limit = () => live.registry.rules.get('frost')?.condition
const below = (below: number) => expect.objectContaining({ below })
async function settle() {
  await live.look()
  await live.look()
}

test('a changed rule is taken over when its file stands still, and points remain those that are known', async () => {
  const before = live.registry.hash
  const point = live.registry.points.get('mairie/hall/air')
  await write('rules.yaml', rule(7))
  await live.look()
  expect(limit()).toEqual(below(5))
  await live.look()
  expect(limit()).toEqual(below(7))
  expect(live.registry.rules.get('frost')!.points[0]).toBe(point)
  expect(live.registry.hash).not.toBe(before)
  expect(taken.map(({ hash }) => hash)).toEqual([before])
  expect(log.lines).toContainEqual(
    expect.objectContaining({ before, after: live.registry.hash, lists: ['rules'] }),
  )
  await settle()
  expect(taken).toHaveLength(1)
})

test('half of a file never counts, whether it is written in two steps or moved away and back', async () => {
  await write('rules.yaml', '')
  await live.look()
  await write('rules.yaml', rule(7))
  await live.look()
  expect(limit()).toEqual(below(5))
  await live.look()
  expect(limit()).toEqual(below(7))

  await rename(join(folder, 'rules.yaml'), join(folder, 'rules.yaml~'))
  await live.look()
  await write('rules.yaml', rule(8))
  await unlink(join(folder, 'rules.yaml~'))
  await settle()
  expect(limit()).toEqual(below(8))
  expect(taken.map(({ rules }) => rules.size)).toEqual([1, 1])
})

test('a bad file is refused with every mistake, and what was in force stays until it is mended', async () => {
  const states: unknown[] = []
  live.onState(({ refused }) => states.push(refused?.problems.length ?? 0))
  await write('rules.yaml', `${rule('cold', '\n    chanels: [x]')}\n  - { id: Other }\n`)
  await settle()
  expect(limit()).toEqual(below(5))
  const { problems } = live.state.refused!
  expect(problems).toContainEqual(
    expect.objectContaining({
      line: 6,
      path: 'rules[0].condition.below',
      file: expect.stringMatching(/rules\.yaml$/),
    }),
  )
  expect(problems).toContainEqual(expect.objectContaining({ line: 8, path: 'rules[0].chanels' }))
  expect(log.lines.filter(({ level }) => level === 50)).toHaveLength(problems.length)
  expect(taken).toEqual([])

  await write('rules.yaml', rule(5))
  await settle()
  expect(live.state).toEqual({ since: NOW, awaitsRestart: [] })
  expect(taken).toEqual([])
  expect(states).toEqual([problems.length, 0])
})

test('what only a restart takes over is named and waits, and rules are held against what runs', async () => {
  await write('a.yaml', HEAD.replace('name: Mairie', 'name: Hôtel de ville'))
  await write('rules.yaml', rule(6))
  await settle()
  expect(limit()).toEqual(below(6))
  expect(live.registry.sites.get('mairie')!.name).toBe('Mairie')
  expect(live.state.awaitsRestart).toEqual(['sites'])

  await write('a.yaml', HEAD.replace('              air:', '              airs:'))
  await write('rules.yaml', rule(6).replace('hall/air', 'hall/airs'))
  await settle()
  expect(live.state.refused!.problems.map(({ message }) => message)).toEqual([
    'there is no point mairie/hall/airs',
  ])
  expect(limit()).toEqual(below(6))

  await write('a.yaml', HEAD)
  await write('rules.yaml', rule(5))
  await settle()
  expect(live.state).toEqual({ since: NOW, awaitsRestart: [] })
})

test('what files would say is tried out without a trace, and taken over at once when they say it', async () => {
  const file = join(folder, 'rules.yaml')
  const { rules } = await live.tryOut(new Map([[file, rule(9)]]))
  expect(rules.get('frost')!.condition).toEqual(below(9))
  expect(limit()).toEqual(below(5))
  await expect(live.tryOut(new Map([[file, rule('cold')]]))).rejects.toThrow('rules[0].condition.below')
  expect(live.state.refused).toBeUndefined()

  await write('rules.yaml', rule(9))
  const by: unknown[] = []
  live.onTakenOver((_, actor) => by.push(actor))
  await live.reload('nadia')
  expect(limit()).toEqual(below(9))
  expect(by).toEqual(['nadia'])
  await settle()
  expect(by).toHaveLength(1)
})
