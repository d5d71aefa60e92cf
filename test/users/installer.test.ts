import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../e2e/ask.ts'
import { READY, type Running, runAffluent, startAffluent } from '../e2e/command-line.ts'
import { until } from '../e2e/until.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'
import { freePort } from '../peers/process.ts'

/**
 * An installer describes a school before going on site, with the register map of its meter from the manual,
 * tries it on simulators, reads those with a tool of their own, and pulls the plug.
 */

const METER = `name: Compteur d'atelier
source: Manual of the meter, edition 3, page 17.
points:
  index: { quantity: electricity-index, unit: kW.h, interval: 1s, modbus: { table: holding, address: 40, type: uint32, wordOrder: little, scale: 0.1 } }
  power: { quantity: active-power, unit: kW, interval: 1s, modbus: { table: input, address: 2, type: float32 } }
`

const TERRITORY = `territory:
  id: chantier
  name: { fr: Chantier, en: Building site }
  timeZone: Europe/Paris
  publisher: { name: Chantier, url: "https://example.org", email: chantier@example.org }
sites:
  - { id: ecole, name: École, kind: building, use: college, floorArea: 3000, commune: "96204", position: { lat: 48.3, lon: 3 } }
`

const gateways = (port: number) => `gateways:
  - id: gw
    name: Passerelle
    connections:
      - id: tableau
        driver: modbus
        host: 127.0.0.1
        port: ${port}
        timeout: 1s
        devices:
          - { id: compteur, site: ecole, model: atelier/compteur, unit: 3 }
          - id: sonde
            site: ecole
            unit: 4
            points:
              temperature: { quantity: indoor-temperature, unit: Cel, interval: 1s, modbus: { table: input, address: 0, type: int16, scale: 0.1 } }
              presence: { quantity: occupancy, unit: "1", interval: 1s, modbus: { table: coil, address: 7, type: bool } }
meters:
  - { id: ecole-electricite, point: ecole/compteur/index, fluid: electricite, resolution: 0.1 }
`

/** What goes wrong in a first draft: a line that is wrong, in place of the right one, and where and how it is told. */
const MISTAKES: [file: string, right: string, wrong: string, told: RegExp][] = [
  ['territory.yaml', 'commune: "96204"', 'commune: "9620"', /territory\.yaml:7.*five characters/],
  ['territory.yaml', 'floorArea', 'floorarea', /territory\.yaml:7.*floorarea/],
  ['gateways.yaml', 'site: ecole, model', 'site: lycee, model', /gateways\.yaml:11.*lycee/],
  ['gateways.yaml', 'unit: Cel', 'unit: kW', /gateways\.yaml:16.*in Cel/],
  ['gateways.yaml', 'point: ecole/compteur/index', 'point: ecole/compteur/total', /gateways\.yaml:19.*total/],
  ['devices/atelier/compteur.yaml', 'address: 40', 'address: 65535', /compteur\.yaml:4.*last register/],
]

const READS = [
  { unit: 3, table: 'holding', address: 40, type: 'UINT32', words: 'little' },
  { unit: 4, table: 'input', address: 0, type: 'INT16', words: 'big' },
  { unit: 4, table: 'coil', address: 7 },
]

describe.runIf(findPeer('python'))('an installer', () => {
  let folder: string
  let port: number
  const at = (...names: string[]) => join(folder, ...names)
  const flags = () => ['--territory', at('chantier'), '--data', at('data')]
  const running = new Map<'devices' | 'hub', Running>()
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'affluent-installer-'))
    port = await freePort()
  })
  afterAll(async () => {
    for (const process of running.values()) await process.stop('SIGTERM')
    await rm(folder, { recursive: true })
  })

  async function write(revise: (file: string, text: string) => string): Promise<void> {
    const files = {
      'territory.yaml': TERRITORY,
      'gateways.yaml': gateways(port),
      'devices/atelier/compteur.yaml': METER,
    }
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(at('chantier', file)), { recursive: true })
      await writeFile(at('chantier', file), revise(file, text))
    }
  }

  async function simulate(): Promise<void> {
    const ready = new RegExp(`^tableau: 127\\.0\\.0\\.1:${port}$`, 'm')
    running.set('devices', await startAffluent(['simulate', ...flags()], ready))
  }

  let url: string
  const latest = async () => {
    const { points } = await ask(`${url}/v1/points/latest`)
    return Object.fromEntries(
      points
        // What the hub works out is read from no device.
        .filter(({ point }: { point: string }) => !point.startsWith('ecole/hub/'))
        .map((point: { point: string }) => [point.point.replace('ecole/', ''), point]),
    )
  }

  it('makes mistakes in the first draft, and is told all of them at once, with file and line', async () => {
    await write((file, text) =>
      MISTAKES.filter(([where]) => where === file).reduce((draft, [, right, wrong]) => {
        expect(draft).toContain(right)
        return draft.replace(right, wrong)
      }, text),
    )
    const { code, out, err } = await runAffluent(['check', ...flags()])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    const lines = err.trimEnd().split('\n')
    for (const [, , , told] of MISTAKES) expect(lines).toContainEqual(expect.stringMatching(told))
    expect(lines).toHaveLength(MISTAKES.length)
  })

  it('corrects them, and sees in one line what the registry holds', async () => {
    await write((_, text) => text)
    const { code, out, err } = await runAffluent(['check', ...flags()])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Building site: 1 site, 1 gateway, 4 points, 1 meter, 0 rules; /)
  })

  it('simulates the devices, points a gateway at them, and reads the same with a tool of their own', async () => {
    await simulate()
    const roles = ['--roles', 'gateway,broker,ingest,fluids,rules,api']
    const hub = await startAffluent(
      ['start', ...flags(), ...roles, '--http-port', '0', '--mqtt-port', '0'],
      READY,
    )
    running.set('hub', hub)
    url = hub.match[1]!

    const script = fileURLToPath(new URL('../simulators/read_modbus.py', import.meta.url))
    const tool = async () => {
      const { stdout } = await promisify(execFile)(peerProgram('python'), [
        script,
        JSON.stringify({ port, reads: READS }),
      ])
      const [index, temperature, presence] = JSON.parse(stdout)
      // Tenths, as the manual says; the last digit is the one that the register has.
      return [(index / 10).toFixed(1), (temperature / 10).toFixed(1), presence]
    }
    // The meter may count between the two looks at it.
    const [read, shown] = await until(
      async () => [await tool(), await latest()] as const,
      ([[index], points]) => String(points['compteur/index'].value) === String(Number(index)),
    )
    expect(Number(read[0])).toBeGreaterThan(1000)
    expect(shown['sonde/temperature']).toMatchObject({
      value: Number(read[1]),
      unitLabel: '°C',
      status: 'current',
    })
    expect(shown['sonde/presence']).toMatchObject({ value: read[2], status: 'current' })
    expect(shown['compteur/power'].value).toBeGreaterThan(0)
  })

  it('pulls the plug: the values are unknown and say why, and come back with it', async () => {
    const held = (await latest())['compteur/index'].value
    await running.get('devices')!.stop('SIGTERM')
    running.delete('devices')
    const dead = await until(latest, points =>
      Object.values<Latest>(points).every(({ status }) => status === 'bad'),
    )
    for (const { value, reading } of Object.values<Latest>(dead)) {
      expect(value).toBeNull()
      expect(reading.value).toBeNull()
      expect(reading.quality).toMatch(/^bad:(disconnected|timeout)$/)
    }
    const connection = async () => (await ask(`${url}/v1/gateways`)).gateways[0].connections[0]
    expect(await until(connection, ({ state }) => state === 'failed')).toMatchObject({
      id: 'tableau',
      error: expect.stringContaining(`127.0.0.1:${port}`),
    })

    await simulate()
    const alive = await until(latest, points =>
      Object.values<Latest>(points).every(({ status }) => status === 'current'),
    )
    expect(alive['compteur/index'].value).toBeGreaterThanOrEqual(held)
    expect(await until(connection, ({ state }) => state === 'connected')).toMatchObject({ error: null })
  })
})

interface Latest {
  status: string
  value: unknown
  reading: { value: unknown; quality: string }
}
