import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { topics } from '../../bus/topics.ts'
import { type Hub, NOW, startHub } from './hub.ts'

let hub: Hub
let text: string
beforeAll(async () => {
  hub = await startHub()
  text = await readFile(hub.territory, 'utf8')
})
afterAll(() => hub.close())

async function write(changed: string): Promise<void> {
  await writeFile(hub.territory, changed)
  for (let looks = 0; looks < 2; looks++) await hub.registryFiles.look()
}
const standing = () => hub.json('/v1/registry', hub.account)
const health = async () => (await hub.json('/health/ready')).registry

it('says what of the files is in force and why the rest is not, to whoever has an account', async () => {
  expect((await hub.get('/v1/registry')).status).toBe(401)
  const { hash } = hub.registry
  expect(await standing()).toEqual({
    hash,
    since: new Date(NOW).toISOString(),
    refused: null,
    awaitsRestart: [],
    processes: [],
  })
  expect(await health()).toBe('in-force')

  await write(text.replace('below: 5', 'below: cold'))
  expect(await standing()).toMatchObject({
    hash,
    refused: { problems: [{ line: expect.any(Number), path: 'rules[0].condition.below' }] },
  })
  expect(await health()).toBe('refused')
  expect(await (await hub.get('/metrics')).text()).toContain('\naffluent_registry_refused 1\n')

  await write(text.replace('share: 0.75', 'share: 0.5').replace('share: 0.25', 'share: 0.5'))
  expect(await standing()).toMatchObject({ hash, refused: null, awaitsRestart: ['meters'] })
  expect(await health()).toBe('awaits-restart')
  await write(text)
  expect(await health()).toBe('in-force')
})

it('answers by the rules of now as soon as they are taken over', async () => {
  await write(text.replace('Risk of frost', 'Frost'))
  expect((await standing()).hash).toBe((await hub.json('/v1/territory')).registry)
  expect(hub.registry.rules.get('gel')!.name.en).toBe('Frost')
  await write(text)
})

it('names another process that runs another registry', async () => {
  const status = { version: 1, sender: 'rules-b', role: 'rules', online: true, registry: 'other', time: NOW }
  const said = JSON.stringify({ ...status, registryProblem: 'why' })
  await hub.peer.publish(topics.status('rules-b'), said, { retain: true })
  await expect
    .poll(async () => (await standing()).processes)
    .toEqual([{ sender: 'rules-b', role: 'rules', registry: 'other', problem: 'why' }])
})
