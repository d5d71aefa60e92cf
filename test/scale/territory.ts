import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A territory of some schools, each with a gateway of its own and one temperature, and a rule on all of them. */
export async function makeTerritory(schools: readonly string[], webhook?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-scale-'))
  const at = (name: string) => join(folder, name)
  await writeFile(at('territory.yaml'), describe(schools, webhook))
  return {
    at,
    /** Settings of a process in a file of its own, with data of its own; returns the flags of its start. */
    async settings(name: string, yaml: string) {
      await writeFile(at(`${name}.yaml`), `territory: territory.yaml\ndata: ${name}\n${yaml}`)
      return ['start', '--hub', at(`${name}.yaml`)]
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

export const pointOf = (school: string) => `${school}/ambiance/temperature`

function describe(schools: readonly string[], webhook?: string): string {
  const sites = schools.map(
    school =>
      `  - { id: ${school}, name: ${school}, kind: building, use: college, floorArea: 5000, commune: "96204", position: { lat: 48.3, lon: 3 } }`,
  )
  const gateways = schools.map(
    school => `
  - id: gw-${school}
    name: ${school}
    connections:
      - id: ${school}
        driver: mqtt
        url: mqtt://127.0.0.1:1
        devices:
          - id: ambiance
            site: ${school}
            topic: ${school}
            points: { temperature: { quantity: indoor-temperature, unit: Cel, interval: 1s, mqtt: {} } }`,
  )
  return `
territory:
  id: essai
  name: { fr: Essai, en: Trial }
  timeZone: Europe/Paris
  publisher: { name: Essai, url: "https://example.org", email: essai@example.org }
sites:
${sites.join('\n')}
gateways:${gateways.join('')}
rules:
  - id: chaleur
    name: { fr: Il fait chaud, en: It is warm }
    select: { quantity: indoor-temperature }
    condition: { type: threshold, above: 50 }
    severity: warning
${webhook ? `    channels: [astreinte]\nchannels:\n  - { id: astreinte, type: webhook, url: "${webhook}" }\n` : ''}`
}
