import { appendFile, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadHub, NO_SECRETS, summarizeRegistry } from '../../registry/hub.ts'
import type { Role } from '../../registry/roles.ts'
import type { SettingsInput } from '../../registry/settings-schema.ts'

const TESTDATA = join(import.meta.dirname, 'testdata')

test('settings and registry are loaded together, and summed up in a line', async () => {
  const { settings, registry } = await loadHub({ environment: {} })
  expect(settings.territory).toMatch(/demo$/)
  expect(summarizeRegistry(registry)).toMatch(
    /^Orvanne Valley: 20 sites, 3 gateways, \d+ points, \d+ meters, \d+ rules; hash [0-9a-f]{12}$/,
  )
})

test('problems of the settings and of the registry are named at once', async () => {
  const overrides = { territory: join(TESTDATA, 'no-territory-bad'), http: { port: -1 } }
  const error: Error = await loadHub({ overrides, environment: {} }).catch(thrown => thrown)
  expect(error.message.split('\n')).toEqual([
    'command line http.port: Too small: expected number to be >=0',
    expect.stringMatching(/no-territory-bad territory: is missing$/),
  ])
})

test('a process cannot run a gateway that the registry does not have', async () => {
  const overrides = { gateways: ['gw-routes', 'gw-unknown'] }
  await expect(loadHub({ overrides, environment: {} })).rejects.toThrow(
    'command line gateways[1]: there is no gateway gw-unknown in the registry',
  )
})

test('the secrets of devices are needed where their gateway runs, and nowhere else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-hub-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await copyFile(join(TESTDATA, 'base.yaml'), join(folder, 'base.yaml'))
  const connection = (id: string) => `
  - id: gw-${id}
    name: A
    connections:
      - id: ${id}
        driver: http
        url: http://127.0.0.1:1
        username: hub
        password: \${${id.toUpperCase()}_PASSWORD}
        devices:
          - id: ${id}
            site: route
            points: { air: { quantity: air-temperature, unit: Cel, interval: 1min, http: { value: /t } } }`
  await writeFile(join(folder, 'gateways.yaml'), `gateways:${connection('a')}${connection('b')}\n`)
  const load = (overrides: SettingsInput, options = {}) =>
    loadHub({ overrides: { ...overrides, territory: folder }, environment: {}, ...options }).then(
      () => [],
      (error: Error) => [...error.message.matchAll(/[AB]_PASSWORD(?=,)/g)].map(String),
    )
  expect(await load({})).toEqual(['A_PASSWORD', 'B_PASSWORD'])
  expect(await load({ roles: ['gateway'], gateways: ['gw-b'], mqtt: { url: 'mqtt://127.0.0.1' } })).toEqual([
    'B_PASSWORD',
  ])
  const without: Role[] = ['broker', 'ingest', 'fluids', 'rules', 'api']
  expect(await load({ roles: without })).toEqual([])
  expect(await load({}, NO_SECRETS)).toEqual([])

  // What has no right shape without its variable is still told.
  await appendFile(
    join(folder, 'gateways.yaml'),
    connection('b').replace('http://127.0.0.1:1', `\${B_URL}`).replaceAll(/\bb\b/g, 'c'),
  )
  await expect(loadHub({ overrides: { territory: folder }, environment: {}, ...NO_SECRETS })).rejects.toThrow(
    /set B_URL/,
  )
})
