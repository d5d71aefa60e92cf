import { expect, test } from 'vitest'
import { measuredPoints } from '../../registry/registry.ts'
import { twoBuildings } from '../derived/territory.ts'
import { testRegistry } from '../rules/territory.ts'

test('the registry knows what the hub can work out, of each gateway where it stands and of each site', async () => {
  const registry = await twoBuildings()
  const derived = [...registry.points.values()].filter(({ source }) => source.driver === 'derived')
  expect(derived.map(({ id, unit }) => `${id} ${unit}`)).toEqual([
    'mairie/hub/gw-silence min',
    'mairie/hub/gw-outbox-fill %',
    'mairie/hub/gw-outbox-time-left h',
    'mairie/hub/gw-registry-lag h',
    'ecole/hub/missing-data %',
    'mairie/hub/missing-data %',
  ])
  expect(derived[0]).toMatchObject({
    gateway: 'fluids',
    connection: '',
    label: { fr: 'Silence de la passerelle (Gateway)', en: 'Silence of the gateway (Gateway)' },
    source: { driver: 'derived', gateway: 'gw' },
  })
  expect(measuredPoints(registry).map(({ id }) => id)).toHaveLength(4)
})

test('a gateway that does not say where it stands stands where its first device is', async () => {
  const { points } = await testRegistry([])
  expect(points.has('col-du-loup/hub/gw-silence')).toBe(true)
})

test('a rule watches what the hub works out only where it names it', async () => {
  const rule = (id: string, select: string) =>
    `{ id: ${id}, name: R, select: ${select}, condition: { type: absence, after: 3h }, severity: info }`
  const select = { site: '{ tag: watched }', named: '{ tag: watched, quantity: missing-data }' }
  const rules = [rule('site', select.site), rule('named', select.named)]
  const registry = await twoBuildings(rules, ', tags: [watched]')
  const watched = (id: string) => registry.rules.get(id)!.points.map(point => point.id)
  expect(watched('site')).toEqual(measuredPoints(registry).map(({ id }) => id))
  expect(watched('named')).toEqual(['ecole/hub/missing-data', 'mairie/hub/missing-data'])
})

test('a daily test has a point at the site that it names, or where the first gateway stands, and a rule is to watch it', async () => {
  const alerting = (site = '') =>
    `  alerting: { fallback: { channels: [hook] }, test: { at: '08:00'${site} } }\n`
  const rule = `{ id: test, name: T, select: { quantity: unreached-channels },
    condition: { type: threshold, above: 0 }, severity: critical, channels: [hook] }`
  const hook = "{ id: hook, type: webhook, url: 'https://hook.example' }"
  const watched = await testRegistry([rule], [hook], alerting())
  expect(watched.rules.get('test')!.points.map(({ id }) => id)).toEqual(['col-du-loup/hub/daily-test'])
  expect(watched.warnings).toEqual([])
  const { warnings } = await testRegistry([], [hook], alerting(', site: col-du-loup'))
  expect(warnings).toEqual([expect.stringMatching(/alerting\.test: raises no alert where it fails/)])
  await expect(testRegistry([], [hook], alerting(', site: nowhere'))).rejects.toThrow(
    /alerting\.test\.site: there is no site nowhere/,
  )
})
