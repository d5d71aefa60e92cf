import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../peers/process.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { makeSmallTerritory } from './small-territory.ts'

const WATCH = fileURLToPath(new URL('loaded-modules.ts', import.meta.url))

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
let settings: string
beforeAll(async () => {
  place = await makeSmallTerritory()
  const nobody = await freePort()
  // The hub starts while its broker and its InfluxDB are away.
  settings = place.at('elsewhere.yaml')
  writeFileSync(
    settings,
    `territory: territory.yaml
mqtt: { url: "mqtt://127.0.0.1:${nobody}" }
store: { kind: influxdb, url: "http://127.0.0.1:${nobody}", org: o, bucket: b, token: t }
`,
  )
})
afterAll(() => place.remove())

/** The libraries that a command loads. */
async function loadedBy(
  args: readonly string[],
  isService: boolean,
  exitCode = 0,
  ready = READY,
): Promise<Set<string>> {
  const list = place.at(`loaded-${Math.random()}`)
  writeFileSync(list, '')
  const env = { LOADED_MODULES: list, NODE_OPTIONS: `--import=${WATCH}` }
  if (isService) {
    const running = await startAffluent(args, ready, { env })
    expect((await running.stop('SIGTERM')).code).toBe(0)
  } else expect((await runAffluent(args, { env })).code).toBe(exitCode)
  const urls = readFileSync(list, 'utf8').split('\n')
  return new Set(urls.flatMap(url => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []))
}

const HEAVY = ['@duckdb/node-api', 'fastify', 'node-opcua', 'aedes', '@influxdata/influxdb-client']

describe('a process loads only what it plays', () => {
  const roles = (list: string) => ['start', '--hub', settings, '--data', place.at(list), '--roles', list]

  it.each([
    ['ingest', ['@influxdata/influxdb-client']],
    ['gateway', []],
    ['rules', ['@influxdata/influxdb-client']],
    ['ingest,rules', ['@influxdata/influxdb-client']],
  ])('%s', async (list, expected) => {
    const loaded = await loadedBy(roles(list), true)
    expect(HEAVY.filter(library => loaded.has(library))).toEqual(expected)
  })

  it('a probe loads the library of its protocol only', async () => {
    const nobody = `127.0.0.1:${await freePort()}`
    const modbus = await loadedBy(['probe', 'modbus', nobody], false, 2)
    expect(HEAVY.filter(library => modbus.has(library))).toEqual([])
    const opcua = await loadedBy(['probe', 'opcua', `opc.tcp://${nobody}`, '--data', place.data], false, 2)
    expect(HEAVY.filter(library => opcua.has(library))).toEqual(['node-opcua'])
  })

  it('what an installer runs loads no library that is built for one system only', async () => {
    const serial = ['probe', 'modbus', '--serial', place.at('no-line'), '--unit', '1', '--register', '40001']
    const report = ['commission', 'gw', ...place.flags, '--for', '1s', '--out', place.at('report')]
    const board = ['watch', ...place.flags, '--run', 'gw']
    for (const loaded of [
      await loadedBy(serial, false, 2),
      await loadedBy(report, false, 2),
      await loadedBy(board, true, 0, /college/),
      await loadedBy(['points', 'export', ...place.flags, '--out', place.at('points.csv')], false),
    ]) {
      expect(HEAVY.filter(library => loaded.has(library))).toEqual([])
      expect([...loaded].filter(library => /linux|win32|darwin/.test(library))).toEqual([])
    }
    expect(await loadedBy(serial, false, 2)).toContain('@serialport/bindings-cpp')
    // The only one with machine code brings that of Windows along, wherever it was installed.
    const bindings = dirname(fileURLToPath(import.meta.resolve('@serialport/bindings-cpp/package.json')))
    expect(readdirSync(join(bindings, 'prebuilds'))).toContain('win32-x64')
  })

  it('a command that looks at files only loads no part of the hub', async () => {
    const loaded = await loadedBy(['check', ...place.flags], false)
    expect(HEAVY.filter(library => loaded.has(library))).toEqual([])
    expect(loaded).toContain('zod')
  })
})
