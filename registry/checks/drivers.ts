import type { Finding } from '../check.ts'
import { type Draft, type DraftPoint, devicesOf } from '../draft.ts'
import { DECLARATIONS } from '../driver-declaration.ts'
import type { Path } from '../source.ts'

/** Connections, devices and points that their driver can serve, by its declaration. */
export function* checkDrivers(draft: Draft): Iterable<Finding> {
  const owners = new Map<string, string>()
  for (const { value: gateway, path } of draft.gateways) {
    for (const [index, connection] of gateway.connections.entries()) {
      const at = [...path, 'connections', index]
      const { checkConnection, lineOf } = DECLARATIONS[connection.driver]
      for (const misfit of checkConnection?.(connection) ?? [])
        yield { path: [...at, ...misfit.path], message: misfit.message }
      const line = lineOf?.(connection)
      const owner = line && owners.get(line)
      if (owner) yield { path: at, message: `${owner} has ${line} already; put the devices there, by unit` }
      if (line) owners.set(line, connection.id)
    }
  }
  for (const { device, connection, path } of devicesOf(draft)) {
    for (const misfit of DECLARATIONS[connection.driver].checkDevice?.(device) ?? [])
      yield { path: [...path, ...misfit.path], message: misfit.message }
  }
  for (const point of draft.points) {
    const { driver } = point.connection
    const source = point.definition[driver]
    const message = source && DECLARATIONS[driver].whyUnfit?.(source, point.device)
    if (message) yield { path: pathOf(point), message }
  }
}

function pathOf({ name, device, connection, path }: DraftPoint): Path {
  return name in device.points ? [...path, 'points', name, connection.driver] : [...path, 'model']
}
