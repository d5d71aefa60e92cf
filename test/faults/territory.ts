/** A territory of one gateway with one connection, whose two points count up at each read. */

export const GATEWAY = 'gw'
export const POINTS = {
  indexes: 'college/compteur/index',
  measures: 'college/sonde/mesure',
} as const
/** Modbus units of the two points. */
export const UNITS = { indexes: 1, measures: 2 } as const

export function territoryYaml(devicePort: number): string {
  return `
territory:
  id: essai
  name: { fr: Essai, en: Trial }
  timeZone: Europe/Paris
  publisher: { name: Essai, url: "https://example.org", email: essai@example.org }
sites:
  - { id: college, name: Collège, kind: building, use: college, floorArea: 5000, commune: "96204", position: { lat: 48.3, lon: 3 } }
gateways:
  - id: ${GATEWAY}
    name: Passerelle
    connections:
      - id: college
        driver: modbus
        host: 127.0.0.1
        port: ${devicePort}
        timeout: 400ms
        devices:
          - id: compteur
            site: college
            unit: ${UNITS.indexes}
            points: { index: { quantity: electricity-index, unit: kW.h, interval: 100ms, modbus: { table: holding, address: 0, type: uint32 } } }
          - id: sonde
            site: college
            unit: ${UNITS.measures}
            points: { mesure: { quantity: indoor-temperature, unit: Cel, interval: 100ms, modbus: { table: holding, address: 0, type: uint32 } } }
rules:
  - id: chaleur
    name: { fr: Il fait chaud, en: It is warm }
    select: { quantity: indoor-temperature }
    condition: { type: threshold, above: -100 }
    severity: warning
`
}
