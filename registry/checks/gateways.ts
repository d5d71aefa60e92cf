import type { Finding } from '../check.ts'
import { type Draft, devicesOf } from '../draft.ts'

/** Connections that can be opened, and devices that belong somewhere and say something. */
export function* checkGateways(draft: Draft): Iterable<Finding> {
  const owners = new Map<string, string>()
  for (const { value: gateway, path } of draft.gateways) {
    for (const [index, connection] of gateway.connections.entries()) {
      const at = [...path, 'connections', index]
      if (connection.driver === 'opcua') {
        if ((connection.securityMode === 'None') !== (connection.securityPolicy === 'None'))
          yield { path: at, message: 'securityMode None goes with securityPolicy None, and only with it' }
      } else if (connection.driver === 'modbus' && connection.port !== 0) {
        // A serial line or a Modbus server answers one request at a time.
        const address = `${connection.host}:${connection.port}`
        const owner = owners.get(address)
        if (owner)
          yield { path: at, message: `${owner} has ${address} already; put the devices there, by unit` }
        owners.set(address, connection.id)
      }
    }
  }

  const { sites } = draft.ids
  for (const { device, path } of devicesOf(draft)) {
    if (sites && !sites.has(device.site))
      yield { path: [...path, 'site'], message: `there is no site ${device.site}` }
    if (!device.model && Object.keys(device.points).length === 0)
      yield { path, message: 'has neither a model nor points' }
  }
}
