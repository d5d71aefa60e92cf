import type { Finding } from '../check.ts'
import { type Draft, devicesOf } from '../draft.ts'
import { lineOf } from '../modbus-line.ts'
import type { ModbusConnection } from '../schema.ts'
import type { Path } from '../source.ts'

/** Connections that can be opened, and devices that belong somewhere and say something. */
export function* checkGateways(draft: Draft): Iterable<Finding> {
  const owners = new Map<string, string>()
  for (const { value: gateway, path } of draft.gateways) {
    for (const [index, connection] of gateway.connections.entries()) {
      const at = [...path, 'connections', index]
      if (connection.driver === 'opcua') {
        if ((connection.securityMode === 'None') !== (connection.securityPolicy === 'None'))
          yield { path: at, message: 'securityMode None goes with securityPolicy None, and only with it' }
      } else if (connection.driver === 'modbus') {
        yield* checkLine(connection, at)
        const line = lineOf(connection)
        const owner = line && owners.get(line)
        if (owner) yield { path: at, message: `${owner} has ${line} already; put the devices there, by unit` }
        if (line) owners.set(line, connection.id)
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

function* checkLine({ host, serial, framing }: ModbusConnection, path: Path): Iterable<Finding> {
  if (host === undefined && !serial) yield { path, message: 'has neither a host nor a serial line' }
  if (host !== undefined && serial) yield { path, message: 'has both a host and a serial line' }
  if (serial && framing === 'rtu') yield { path, message: 'framing is for a host: a serial line is RTU' }
}
