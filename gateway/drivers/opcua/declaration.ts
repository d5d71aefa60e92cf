import { type Address, addressOfUrl } from '../../../model/address.ts'
import type { Misfit } from '../../../registry/driver-declaration.ts'
import type { OpcuaSource } from '../../../registry/opcua-schema.ts'
import { place } from '../../../registry/place.ts'
import type { OpcuaConnection } from '../../../registry/schema.ts'

export { checkOpcuaSource as checkSource } from '../../../registry/checks/opcua.ts'
export {
  opcuaConnectionFields as connection,
  opcuaSourceSchema as source,
} from '../../../registry/opcua-schema.ts'

export const device = {}

export function resolve(
  opcua: OpcuaSource,
  { site, id }: { site: string; id: string },
): { opcua: OpcuaSource } {
  return { opcua: { ...opcua, node: place(opcua.node, site, id) } }
}

export function* checkConnection({ securityMode, securityPolicy }: OpcuaConnection): Iterable<Misfit> {
  if ((securityMode === 'None') !== (securityPolicy === 'None'))
    yield { path: [], message: 'securityMode None goes with securityPolicy None, and only with it' }
}

export function addressOf({ url }: OpcuaConnection): Address {
  return addressOfUrl(url)
}
