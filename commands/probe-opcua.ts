import { join } from 'node:path'
import { pino } from 'pino'
import { browseVariables } from '../gateway/probe/opcua/browse.ts'
import { readVariables } from '../gateway/probe/opcua/read-variables.ts'
import { formatEndpoints, formatVariables } from '../gateway/probe/opcua/report.ts'
import { chooseSecurity, type SecurityPolicy } from '../gateway/probe/opcua/security.ts'
import { inSession, listEndpoints, type ServerPlace } from '../gateway/probe/opcua/server.ts'
import { toConnection } from '../gateway/probe/opcua/to-connection.ts'
import { writeGateway } from '../gateway/probe/registry-yaml.ts'
import { opcuaConnectionSchema } from '../registry/schema.ts'
import { refuseExisting, writeNewFile } from './new-file.ts'
import type { YamlFlags } from './probe.ts'
import { stopOnSignal } from './process.ts'
import { showProgress } from './progress.ts'

interface ProbeOpcuaFlags extends YamlFlags {
  security?: SecurityPolicy
  endpoints: boolean
  depth: number
  limit: number
  filter?: string
  data: string
}

const NO_VARIABLES = 'There are no such variables: try without --filter, or a login may be needed to see them'

export async function probeOpcua(url: string, flags: ProbeOpcuaFlags): Promise<void> {
  const { depth, limit, filter, yaml, site, gateway, data } = flags
  if (!opcuaConnectionSchema.shape.url.safeParse(url).success)
    throw new Error(`${url} is no OPC-UA address: write opc.tcp://host:port`)
  if (yaml !== undefined) {
    refuseExisting(yaml)
    if (site === undefined) throw new Error('--yaml needs --site: where the devices are')
  }
  const bar = showProgress(process.stderr)
  const place: ServerPlace = {
    connection: { url, securityMode: 'None', securityPolicy: 'None' },
    // Those of the gateway that is to read the server: what it trusts now, it trusts then.
    folder: join(data, 'gateways', gateway, 'drivers'),
    log: pino({ level: 'silent' }),
    signal: stopOnSignal(),
  }
  try {
    const endpoints = await listEndpoints(place)
    bar.print(formatEndpoints(endpoints))
    if (flags.endpoints) return
    const connection = { url, ...chooseSecurity(endpoints, flags.security) }
    const { variables, cut } = await inSession({ ...place, connection }, async session => {
      const progress = (found: number) => bar.step(`Browsing: ${found} variables`)
      const found = await browseVariables(session, { depth, limit, progress })
      return { cut: found.cut, variables: await readVariables(session, found.variables.filter(isAsked)) }
    })
    bar.print(variables.length > 0 ? formatVariables(variables) : NO_VARIABLES)
    if (cut) bar.print(`There are more: raise --limit ${limit} or --depth ${depth} to see them`)
    if (yaml === undefined) return
    const { connection: found, notes } = toConnection(connection, site!, variables)
    await writeNewFile(yaml, writeGateway(gateway, found, notes))
  } finally {
    bar.end()
  }

  function isAsked({ node, path }: { node: string; path: string }): boolean {
    return filter === undefined || `${node} ${path}`.toLowerCase().includes(filter.toLowerCase())
  }
}
