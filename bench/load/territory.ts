import { pointOf, SENDERS, topicOf } from './readings.ts'

/** The registry of one gateway that takes the JSON objects of a load for readings of its points. */
export function describeTerritory(brokerUrl: string, series: number): string {
  const pointsPerSender = series / SENDERS
  const places = Array.from({ length: series }, (_, i) => {
    const sender = Math.floor(i / pointsPerSender)
    const id = pointOf(sender, i % pointsPerSender)
    const [site, device] = id.split('/') as [string, string]
    return { sender, id, site, device }
  })
  const devices = places.map(({ sender, id, site, device }) => ({
    id: device,
    site,
    format: 'telegraf-json',
    topic: topicOf('objects', `gateway-${sender}`),
    where: { '/point': id },
    points: {
      power: {
        quantity: 'active-power',
        unit: 'kW',
        interval: '1h',
        mqtt: { value: '/value', time: '/time' },
      },
    },
  }))
  const sites = [...new Set(places.map(({ site }) => site))].map(id => ({
    id,
    name: id,
    kind: 'building',
    position: { lat: 48, lon: 3 },
    commune: '96001',
  }))
  const publisher = { name: 'Bench', url: 'https://example.org', email: 'bench@example.org' }
  const connection = { id: 'objects', driver: 'mqtt', url: brokerUrl, devices }
  // JSON is YAML.
  return JSON.stringify({
    territory: { id: 'bench', name: 'Bench', timeZone: 'Europe/Paris', publisher },
    sites,
    gateways: [{ id: GATEWAY, name: 'Bench', connections: [connection] }],
  })
}

export const GATEWAY = 'objects-gateway'
