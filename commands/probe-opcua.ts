import { join } from 'node:path'
import { pino } from 'pino'
import { browseVariables } from '../gateway/probe/opcua/browse.ts'
import { readVariables } from '../gateway/probe/opcua/read-variables.ts'
import { formatEndpoints, formatVariables } from '../gateway/probe/opcua/report.ts'
import { chooseSecurity, type SecurityPolicy } from '../gateway/probe/opcua/security.ts'
import { inSession, listEndpoints, type ServerPlace } from '../gateway/probe/opcua/server.ts'
import { toConnection } from '../gateway/probe/opcua/to-connection.ts'
import { writeGateway } from '../gateway/probe/registry-yaml.ts'
import { connectionSchemas } from '../registry/schema.ts'
import { lookUpVariable } from '../registry/variables.ts'
import { refuseExisting, writeNewFile } from './new-file.ts'
import type { YamlFlags } from './probe.ts'
import { clock, stopOnSignal } from './process.ts'
import { showProgress } from './progress.ts'

interface ProbeOpcuaFlags extends YamlFlags {
  security?: SecurityPolicy
  username?: string
  passwordVariable: string
  endpoints: boolean
  depth: number
  limit: number
  filter?: string
  data: string
}

const EXIT_NOTHING = 2
const NO_VARIABLES =
  'There are no such variables: try without --filter, or with the --username of somebody who sees more'

export async function probeOpcua(url: string, flags: ProbeOpcuaFlags): Promise<void> {
  const { depth, limit, filter, yaml, site, gateway, data, username, passwordVariable } = flags
  if (!connectionSchemas.opcua.shape.url.safeParse(url).success)
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
    clock,
    log: pino({ level: 'silent' }),
    signal: stopOnSignal(),
  }
  try {
    const endpoints = await listEndpoints(place)
    bar.print(formatEndpoints(endpoints))
    if (flags.endpoints) return
    const server = { url, ...chooseSecurity(endpoints, flags.security) }
    const login = username === undefined ? undefined : { username, password: readPassword() }
    const { variables, cut } = await inSession(
      { ...place, connection: { ...server, login } },
      async session => {
        const progress = (found: number) => bar.step(`Browsing: ${found} variables`)
        const found = await browseVariables(session, { depth, limit, progress })
        return { cut: found.cut, variables: await readVariables(session, found.variables.filter(isAsked)) }
      },
    )
    bar.print(variables.length > 0 ? formatVariables(variables) : NO_VARIABLES)
    if (cut) bar.print(`There are more: raise --limit ${limit} or --depth ${depth} to see them`)
    if (variables.length === 0) process.exitCode = EXIT_NOTHING
    if (yaml === undefined || variables.length === 0) return
    // The variable is named, what it holds is not written.
    const written = login && { login: { ...login, password: `\${${passwordVariable}}` } }
    const { connection: found, notes } = toConnection({ ...server, ...written }, site!, variables)
    await writeNewFile(yaml, writeGateway(gateway, found, notes))
  } finally {
    bar.end()
  }

  function readPassword(): string {
    const found = lookUpVariable(passwordVariable, process.env)
    if ('problem' in found) throw new Error(`--username needs a password: ${found.problem}`)
    return found.value
  }

  function isAsked({ node, path }: { node: string; path: string }): boolean {
    return filter === undefined || `${node} ${path}`.toLowerCase().includes(filter.toLowerCase())
  }
}
