import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { previewRule } from '../../operations/preview-rule.ts'
import { tryCases } from '../../operations/try-cases.ts'
import { openForecastStore } from '../../store/forecasts.ts'
import { alertEvent, frostAlert, type Hub, MINUTE, NOW, reading, readJson, startHub } from './hub.ts'

let hub: Hub
let text: string
const forecasts = openForecastStore({ file: ':memory:' })
beforeAll(async () => {
  hub = await startHub({
    ruleTrials: {
      failedCases: registry => tryCases(hub.territory, registry),
      preview: (registry, span, signal) => {
        const { readings, records, clock } = hub
        const stores = {
          ...{ readings: async () => readings, records: async () => records },
          forecasts: async () => forecasts,
        }
        return previewRule({ ...stores, registry, clock }, span, signal)
      },
    },
  })
  text = await readFile(hub.territory, 'utf8')
  hub.keep(alertEvent('fired', frostAlert('firing', { rule: 'gel' })))
})
afterAll(() => hub.close().then(forecasts.close))
afterEach(async () => {
  await writeFile(hub.territory, text)
  await hub.registryFiles.reload('the test')
})

const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
  const sent = { ...hub.account, ...(body && { 'content-type': 'application/json' }), ...headers }
  const response = await fetch(hub.url + path, {
    method,
    headers: sent,
    body: body ? JSON.stringify(body) : null,
  })
  return { status: response.status, body: await readJson(response) }
}
const rule = () => hub.json('/v1/rules/gel', hub.account)
const check = async (changed: string) =>
  (await ask('POST', '/v1/rules/check', { rule: 'gel', text: changed })).body
const change = async (changed: string, hash?: string) =>
  ask('PUT', '/v1/rules/gel', { text: changed }, { 'if-match': `"${hash ?? (await rule()).hash}"` })

it('lists the rules in force to everybody, and shows to an account how one is written', async () => {
  expect((await hub.json('/v1/rules')).rules).toContainEqual({
    id: 'gel',
    name: { fr: 'Risque de gel', en: 'Risk of frost' },
    condition: 'threshold',
    severity: 'warning',
    points: 1,
    active: 1,
    shelved: 0,
    outOfService: true,
  })
  expect((await hub.get('/v1/rules/gel')).status).toBe(401)
  expect(await rule()).toMatchObject({
    id: 'gel',
    text: expect.stringMatching(/^id: gel\nname: .*\n/),
    locked: null,
    points: ['gymnase/air/temperature'],
    active: 1,
  })
  expect((await ask('GET', '/v1/rules/nothing')).status).toBe(404)
})

it('tells what is wrong with a rule by its own lines, in both languages, and changes nothing', async () => {
  const written = (await rule()).text
  expect(await check(written)).toEqual({
    problems: [],
    effects: { points: ['gymnase/air/temperature'], alertsKept: 1, alertsEnded: 0 },
  })
  const lines = written.split('\n').findIndex((line: string) => line.startsWith('severity'))
  expect((await check(written.replace('severity: warning', 'severty: warning'))).problems).toEqual([
    {
      ...{ file: null, line: 1, column: 1, path: 'severity' },
      message: { fr: 'manque', en: 'is missing' },
    },
    {
      ...{ file: null, line: lines + 1, column: 1, path: 'severty' },
      message: { fr: 'clé inconnue', en: 'unknown key' },
    },
  ])
  expect((await check('id: gel\n  name: {')).problems[0]).toMatchObject({ file: null, line: 1 })
  expect((await check('[]')).problems[0]).toMatchObject({ path: 'id', message: { fr: 'manque' } })
  expect((await check(written.replace('gymnase/air', 'gymnase/sol'))).problems[0].message.fr).toBe(
    'il n’y a pas de point gymnase/sol/temperature',
  )
  expect((await check(written.replace('gymnase/air/temperature', 'college/elec/power'))).effects).toEqual({
    points: ['college/elec/power'],
    alertsKept: 0,
    alertsEnded: 1,
  })
  expect(await readFile(hub.territory, 'utf8')).toBe(text)
  expect(hub.records.auditEntries(50).map(({ action }) => action)).not.toContain('change-rule')
})

it('saves a good rule in its place, with who did it, and refuses a bad one', async () => {
  const { text: written } = await rule()
  const bad = await change(written.replace('below: 5', 'below: cold'))
  expect(bad).toMatchObject({ status: 422, body: { problems: [{ path: 'condition.below' }] } })
  expect(hub.registry.rules.get('gel')!.condition).toMatchObject({ below: 5 })

  const good = await change(
    written.replace('below: 5', 'below: 6').replace('warning', 'warning # since the winter of 2026'),
  )
  expect(good).toEqual({
    status: 200,
    body: { id: 'gel', registry: hub.registry.hash, hash: (await rule()).hash },
  })
  expect(hub.registry.rules.get('gel')!.condition).toMatchObject({ below: 6 })
  expect(await readFile(hub.territory, 'utf8')).toContain('warning # since the winter of 2026\n')
  expect(hub.records.auditEntries(1)[0]).toMatchObject({
    actor: 'tester',
    action: 'change-rule',
    target: 'gel',
  })
  expect((await hub.post('/v1/rules', {}, '{}')).status).toBe(401)
})

it('409 for a file that somebody else has changed meanwhile, 428 for one that nobody says to have seen', async () => {
  const { text: written, hash } = await rule()
  await writeFile(hub.territory, `${text}# by hand\n`)
  expect((await change(written, hash)).status).toBe(409)
  expect((await ask('PUT', '/v1/rules/gel', { text: written })).status).toBe(428)
  expect(await readFile(hub.territory, 'utf8')).toBe(`${text}# by hand\n`)
})

it('adds a rule behind the others, and takes one out again', async () => {
  const fresh =
    'id: heat\nname: Heat\nselect: { quantity: indoor-temperature }\ncondition: { type: threshold, above: 30 }\nseverity: info\n'
  expect(
    (await ask('POST', '/v1/rules', { text: fresh.replace('heat', 'gel') })).body.problems[0].message.en,
  ).toBe('there is another gel among the rules')
  expect(await ask('POST', '/v1/rules', { text: fresh })).toMatchObject({ status: 200, body: { id: 'heat' } })
  expect([...hub.registry.rules.keys()]).toContain('heat')
  const { hash } = await hub.json('/v1/rules/heat', hub.account)
  const gone = await ask('DELETE', '/v1/rules/heat', undefined, { 'if-match': `"${hash}"` })
  expect(gone.status).toBe(200)
  expect(await readFile(hub.territory, 'utf8')).toBe(text)
})

it('says so where the file may not be written', async () => {
  await chmod(hub.territory, 0o444)
  const { text: written, locked } = await rule()
  expect(locked).toBe('read-only')
  expect((await change(written)).status).toBe(403)
  await chmod(hub.territory, 0o644)
})

it('holds the cases beside the rules against a change, which needs an explicit word where one differs', async () => {
  const folder = join(hub.folder, 'cases')
  await mkdir(folder)
  await writeFile(
    join(folder, 'frost.yaml'),
    `cases:
  - name: a cold hall
    rule: gel
    point: gymnase/air/temperature
    start: 2026-12-04T18:00+01:00
    readings: [{ for: 30min, values: { temperature: 4 } }]
    expect: [{ at: 0min, event: fired }]
`,
  )
  const { text: written, hash } = await rule()
  expect((await change(written.replace('below: 5', 'below: 4.5'))).status).toBe(200)
  const lower = written.replace('below: 5', 'below: 3')
  expect(await change(lower)).toEqual({
    status: 422,
    body: {
      problems: [],
      failedCases: [
        {
          place: expect.stringMatching(/frost\.yaml:2$/),
          name: 'a cold hall',
          expected: ['+0min fired'],
          told: [],
        },
      ],
    },
  })
  expect(hub.registry.rules.get('gel')!.condition).toMatchObject({ below: 4.5 })
  const now = (await rule()).hash
  expect(now).not.toBe(hash)
  const body = { text: lower, despiteCases: true }
  expect((await ask('PUT', '/v1/rules/gel', body, { 'if-match': `"${now}"` })).status).toBe(200)
  // It is told as little without the next change: that is no reason against it.
  expect((await change(lower.replace('severity: warning', 'severity: info'))).status).toBe(200)
  await rm(folder, { recursive: true })
})

it('shows what a rule would have told of the stored readings, beside what was told', async () => {
  const cold = [3, 2, 1].map(days => NOW - days * 24 * 60 * MINUTE)
  await hub.store(
    ...cold.flatMap(time => [
      reading('gymnase/air/temperature', time, 6.5),
      reading('gymnase/air/temperature', time + 10 * MINUTE, 8.5),
    ]),
  )
  const { text: written } = await rule()
  const preview = (changed: string) => ask('POST', '/v1/rules/preview', { rule: 'gel', text: changed })
  const before = await preview(written)
  expect(before).toMatchObject({ status: 200, body: { points: { done: 1, all: 1 }, would: [] } })
  expect(before.body.did).toMatchObject([{ type: 'fired', point: 'gymnase/air/temperature' }])
  const changed = written.replace('below: 5', 'below: 7').replace('id: gel', 'id: cold')
  const after = await ask('POST', '/v1/rules/preview', { text: changed })
  // Of another id, for which only the sensor is out of service, and since the second day only.
  expect(after.body.would.map(({ type }: { type: string }) => type)).toEqual(['fired', 'resolved'])
  expect((await preview('id: gel')).status).toBe(422)
})
