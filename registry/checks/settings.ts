import { isLoopback } from '../../model/address.ts'
import type { Finding } from '../check.ts'
import { ROLES, type Role } from '../roles.ts'
import type { SettingsDocument } from '../settings-schema.ts'
import { misfitsOfTls } from '../tls-schema.ts'

/** What the settings say without a word: a process with a broker elsewhere has none of its own. */
export function rolesOf({ roles, mqtt }: SettingsDocument): ReadonlySet<Role> {
  return new Set(roles ?? ROLES.filter(role => !(role === 'broker' && mqtt.url)))
}

/** Settings that are each fine by themselves but not together. */
export function* checkSettings(settings: SettingsDocument): Iterable<Finding> {
  const roles = rolesOf(settings)
  const { mqtt, http, allowRemote, gateways } = settings
  const remote = 'other machines could reach it; write allowRemote: true beside it if they are to'
  if (roles.has('api') && !isLoopback(http.host) && !allowRemote)
    yield { path: ['http', 'host'], message: remote }
  if (roles.has('broker') && !isLoopback(mqtt.host) && !allowRemote)
    yield { path: ['mqtt', 'host'], message: remote }

  if (mqtt.url && roles.has('broker'))
    yield { path: ['mqtt', 'url'], message: 'names a broker elsewhere: leave the role broker out' }
  const needsBroker = ROLES.some(role => role !== 'simulators' && roles.has(role))
  if (needsBroker && !mqtt.url && !roles.has('broker'))
    yield { path: ['mqtt', 'url'], message: 'say where the broker is, or give this process the role broker' }
  for (const key of ['username', 'password', 'tls'] as const) {
    if (mqtt[key] !== undefined && !mqtt.url)
      yield { path: ['mqtt', key], message: 'is for a broker elsewhere, which mqtt.url names' }
  }
  if (mqtt.tls && mqtt.url) {
    for (const message of misfitsOfTls(mqtt.tls, mqtt.url)) yield { path: ['mqtt', 'tls'], message }
  }
  if (settings.publicMqtt && !roles.has('api'))
    yield { path: ['publicMqtt'], message: 'this process does not have the role api' }
  if (gateways && !roles.has('gateway'))
    yield { path: ['gateways'], message: 'this process does not have the role gateway' }
  if (settings.follow && (roles.size > 1 || !roles.has('gateway') || gateways?.length !== 1))
    yield {
      path: ['follow'],
      message: 'is for a process that plays one gateway of gateways and nothing else',
    }
  yield* checkOwner(roles, settings.store.kind)
}

/** A database file has one process that opens it, and so do the roles that need it. */
function* checkOwner(roles: ReadonlySet<Role>, store: 'embedded' | 'influxdb'): Iterable<Finding> {
  const owner: Role[] = store === 'embedded' ? ['ingest', 'fluids', 'rules', 'api'] : ['fluids', 'api']
  const missing = owner.filter(role => !roles.has(role))
  if (missing.length === 0 || missing.length === owner.length) return
  const files = store === 'embedded' ? 'the embedded store, figures and records' : 'figures and records'
  yield {
    path: ['roles'],
    message: `${owner.join(', ')} run in one process, which owns ${files}: add ${missing.join(', ')}`,
  }
}
