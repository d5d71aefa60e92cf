import { isAbsolute, join, normalize } from 'node:path'
import { stringify } from 'yaml'
import type { GatewayPart } from '../registry/gateway-part.ts'
import type { SettingsInput } from '../registry/settings-schema.ts'
import { type Environment, lookUpVariable, variablesIn } from '../registry/variables.ts'
import { writtenPart } from './written-part.ts'

/** What goes into a folder for the machine of a gateway. */
export interface Pack {
  /** Contents by path in the folder. */
  texts: ReadonlyMap<string, string>
  /** Files to copy, by path in the folder. */
  copies: ReadonlyMap<string, string>
  /** What must be brought along by other means, in words. */
  notes: readonly string[]
}

export interface PackOptions {
  part: GatewayPart
  /** The settings of the hub as they are written: `${NAME}` stands for a secret. */
  settings: SettingsInput
  /** The broker as the gateway reaches it, in place of the one of the settings. */
  broker?: string
  /** Has the gateway take over what the hub changes later. */
  follow?: SettingsInput['follow']
  /** Where the values of variables are taken from; without it they are left out. */
  secrets?: Environment
  /** What the folder's gateway.env holds already: what somebody has filled in stays, unless `secrets` has it. */
  variables?: string
  /** Resolves a file that the settings name. */
  placeOf: (file: string) => string
}

type Tls = NonNullable<NonNullable<SettingsInput['mqtt']>['tls']>

/** The names in a folder for a gateway. */
const TERRITORY = 'territory'
export const VARIABLES = 'gateway.env'
const TLS_FILES = ['ca', 'certificate', 'key'] as const

/** @throws Error where the settings name no broker that other machines reach. */
export function packGateway(options: PackOptions): Pack {
  const { part, settings, broker, follow, secrets, variables = '', placeOf } = options
  const { id, connections } = part.gateways[0] as { id: string; connections: readonly Connection[] }
  const { mqtt = {}, outbox, gatewayClock } = settings
  const url = broker ?? mqtt.url
  if (url === undefined)
    throw new Error(
      'the hub has a broker of its own, on its own machine: name with --broker the address by which the gateway reaches it, such as mqtts://hub.example:8883',
    )
  const copies = new Map<string, string>()
  const notes: string[] = []
  const tls = mqtt.tls && packTls(mqtt.tls)
  const hub: SettingsInput = {
    roles: ['gateway'],
    gateways: [id],
    follow,
    territory: TERRITORY,
    data: 'data',
    mqtt: { url, username: mqtt.username, password: mqtt.password, tls },
    outbox,
    gatewayClock,
  }
  for (const file of connections.flatMap(filesOf)) {
    const path = normalize(file)
    if (isAbsolute(path) || path.startsWith('..'))
      notes.push(`${file} must be there on the gateway's machine`)
    else copies.set(path, file)
  }
  const filled = variables.split(/\r?\n/)
  const filledLine = (name: string) =>
    filled.find(line => line.startsWith(`${name}=`) || line.startsWith(`${name}_FILE=`))
  const names = variablesIn([hub, part])
  const lines = names.map(name => variableLine(name, secrets) ?? filledLine(name) ?? `${name}=`)
  const open = names.filter(name => lines.includes(`${name}=`))
  if (open.length > 0) notes.push(`${VARIABLES} names ${open.join(', ')}: fill in the values`)
  const texts = new Map([['hub.yaml', stringify(hub)]])
  for (const [path, text] of writtenPart(part)) texts.set(join(TERRITORY, path), text)
  if (names.length > 0) texts.set(VARIABLES, lines.map(line => `${line}\n`).join(''))
  return { texts, copies, notes }

  function packTls(tls: Tls): Tls {
    const packed = { ...tls }
    for (const name of TLS_FILES) {
      const file = tls[name]
      if (file === undefined) continue
      packed[name] = join('tls', `${name}.pem`)
      copies.set(packed[name], placeOf(file))
    }
    return packed
  }
}

interface Connection {
  tls?: Tls
  login?: { certificate?: string; key?: string }
}

/** The files that a connection names, whatever its driver. */
function filesOf({ tls = {}, login = {} }: Connection): string[] {
  return [tls.ca, tls.certificate, tls.key, login.certificate, login.key].filter(file => file !== undefined)
}

/** As systemd and Docker read it; undefined without secrets. */
function variableLine(name: string, secrets: Environment | undefined): string | undefined {
  const found = secrets && lookUpVariable(name, secrets)
  if (!found) return undefined
  if ('problem' in found) throw new Error(found.problem)
  if (/[\r\n]/.test(found.value)) throw new Error(`${name} has several lines, which ${VARIABLES} cannot hold`)
  return `${name}=${found.value}`
}
