import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder with a territory of one collège, and settings that begin without history. */
export async function makeSmallTerritory(options: SmallTerritory = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-e2e-'))
  const at = (name: string) => join(folder, name)
  const { historyMonths = 0, store = '{ kind: embedded }' } = options
  await writeFile(at('territory.yaml'), smallTerritory(options))
  await writeFile(
    at('hub.yaml'),
    `territory: territory.yaml\nsimulators: { historyMonths: ${historyMonths} }\nstore: ${store}\n`,
  )
  return {
    folder,
    at,
    data: at('data'),
    /** Flags that any command takes. */
    flags: ['--hub', at('hub.yaml'), '--data', at('data')],
    /** Flags of a start that disturbs no other one. */
    startFlags: ['--hub', at('hub.yaml'), '--data', at('data'), '--http-port', '0', '--mqtt-port', '0'],
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

interface SmallTerritory {
  /** Of the simulated Modbus device; 0: any. */
  modbusPort?: number
  /** The path of a serial line in place of the port. */
  serial?: string
  indexInterval?: string
  measureInterval?: string
  historyMonths?: number
  /** YAML */
  store?: string
}

export const INDEX = 'college/electricite/index'
export const TEMPERATURE = 'college/ambiance/temperature'

function smallTerritory({
  modbusPort = 0,
  serial,
  indexInterval = '200ms',
  measureInterval = '200ms',
}: SmallTerritory) {
  return `
territory:
  id: essai
  name: { fr: Essai, en: Trial }
  timeZone: Europe/Paris
  publisher: { name: Essai, url: "https://example.org", email: essai@example.org }
  alerting: { fallback: { channels: [journal] } }
channels:
  - { id: journal, type: log }
sites:
  - { id: college, name: Collège, kind: building, use: college, floorArea: 5000, commune: "96204", position: { lat: 48.3, lon: 3 }, openData: true }
gateways:
  - id: gw
    name: Passerelle
    connections:
      - id: college
        driver: modbus
        ${serial ? `serial: { path: ${serial} }` : `host: 127.0.0.1\n        port: ${modbusPort}`}
        devices:
          - id: electricite
            site: college
            unit: 1
            points: { index: { quantity: electricity-index, unit: kW.h, interval: ${indexInterval}, modbus: { table: holding, address: 0, type: uint64, scale: 0.001 } } }
          - id: ambiance
            site: college
            unit: 2
            points: { temperature: { quantity: indoor-temperature, unit: Cel, interval: ${measureInterval}, modbus: { table: input, address: 0, type: int16, scale: 0.01 } } }
meters:
  - { id: college-electricite, point: ${INDEX}, fluid: electricite, resolution: 0.001 }
rules:
  - id: chaleur
    name: { fr: Il fait chaud, en: It is warm }
    select: { quantity: indoor-temperature }
    condition: { type: threshold, above: -100 }
    severity: warning
`
}
