/** Parts of a registry in YAML, for tests that load one. What is `more` goes on in flow style, from its comma on. */

export const TERRITORY = `
territory:
  id: test
  name: Test
  timeZone: Europe/Paris
  publisher: { name: Test, url: 'https://example.org', email: test@example.org }
`

/** A line of the list of sites: a building unless told otherwise. */
export function site(id: string, { name = id, kind = 'building', more = '' } = {}): string {
  return `  - { id: ${id}, name: ${name}, kind: ${kind}, position: { lat: 44, lon: 6 }, commune: '04001'${more} }\n`
}

/** A point of a device on a Modbus line. */
export function registerPoint(
  quantity: string,
  unit: string,
  address: number,
  { interval = '1min', table = 'input', type = 'float32', more = '' } = {},
): string {
  return `{ quantity: ${quantity}, unit: ${unit}, interval: ${interval}${more}, modbus: { table: ${table}, address: ${address}, type: ${type} } }`
}

/** A device, whose points are in flow style. */
export function device(id: string, site: string, points: Readonly<Record<string, string>>, unit = 1): string {
  const named = Object.entries(points).map(([name, point]) => `${name}: ${point}`)
  return `{ id: ${id}, site: ${site}, unit: ${unit}, points: { ${named.join(', ')} } }`
}

/** The gateway `gw`, which reads all devices on one Modbus line. */
export function oneLine(devices: readonly string[], more = ''): string {
  return `
gateways:
  - id: gw
    name: Gateway${more}
    connections:
      - id: line
        driver: modbus
        host: 127.0.0.1
        devices:
${devices.map(each => `          - ${each}\n`).join('')}`
}
