import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadHub, summarizeRegistry } from '../../registry/hub.ts'

const TESTDATA = join(import.meta.dirname, 'testdata')

test('settings and registry are loaded together, and summed up in a line', async () => {
  const { settings, registry } = await loadHub({ environment: {} })
  expect(settings.territory).toMatch(/demo$/)
  expect(summarizeRegistry(registry)).toMatch(
    /^Orvanne Valley: 20 sites, 3 gateways, \d+ points, \d+ meters, 11 rules; hash [0-9a-f]{12}$/,
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
