import { RESERVED_SENDERS } from '../../model/delivery.ts'
import type { Finding } from '../check.ts'
import { DERIVED_DEVICE } from '../derived/derived.ts'
import { type Draft, devicesOf } from '../draft.ts'
import { LISTS } from '../files.ts'
import { ROLES, SHARED_ROLES } from '../roles.ts'
import type { Path } from '../source.ts'

/** Every id once, and none that the bus uses itself. */
export function* checkIds(draft: Draft): Iterable<Finding> {
  for (const list of LISTS) {
    yield* duplicates(
      list,
      draft[list].map(({ value, path }) => ({ id: value.id, path: [...path, 'id'] })),
    )
  }
  const connections = draft.gateways.flatMap(({ value, path }) =>
    value.connections.map(({ id }, index) => ({ id, path: [...path, 'connections', index, 'id'] })),
  )
  yield* duplicates('connections', connections)
  const devices = devicesOf(draft).map(({ device, path }) => ({
    id: `${device.site}/${device.id}`,
    path: [...path, 'id'],
  }))
  yield* duplicates('devices', devices)
  for (const { device, path } of devicesOf(draft)) {
    if (device.id === DERIVED_DEVICE) yield { path: [...path, 'id'], message: inUse(device.id) }
  }

  for (const { value, path } of draft.gateways) {
    if (RESERVED_SENDERS.has(value.id) || ROLES.some(role => isOfRole(value.id, role)))
      yield { path: [...path, 'id'], message: inUse(value.id) }
  }
}

function inUse(name: string): string {
  return `the hub uses the name ${name} itself; take another one`
}

/** The processes of a role are called after it: `rules`, `ingest-1f`. */
function isOfRole(name: string, role: string): boolean {
  return name === role || (name.startsWith(`${role}-`) && SHARED_ROLES.has(role))
}

function* duplicates(list: string, ids: Iterable<{ id: string; path: Path }>): Iterable<Finding> {
  const seen = new Set<string>()
  for (const { id, path } of ids) {
    if (seen.has(id)) yield { path, message: `there is another ${id} among the ${list}` }
    seen.add(id)
  }
}
