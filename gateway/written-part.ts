import { join } from 'node:path'
import { stringify } from 'yaml'
import type { GatewayPart } from '../registry/gateway-part.ts'

const HEAD =
  '# The part of the registry that a gateway needs. What is changed here is lost with the next one from the hub.\n'

/** The files of a registry that holds only this, by path in its folder. */
export function writtenPart({ devices, hash: _, ...registry }: GatewayPart): Map<string, string> {
  return new Map([
    ['territory.yaml', HEAD + stringify(registry)],
    ...Object.entries(devices).map(
      ([model, file]) => [join('devices', `${model}.yaml`), stringify(file)] as const,
    ),
  ])
}
