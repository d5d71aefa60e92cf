import { pino } from 'pino'
import type { Clock } from '../../model/clock.ts'
import { loadHub } from '../../registry/hub.ts'
import { openLiveRegistry } from '../../registry/live.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Connection } from '../../registry/schema.ts'
import type { SettingsInput } from '../../registry/settings-schema.ts'
import { type Hub, startHub } from '../../start.ts'

/** The hub of the demonstration on ports that are free, everything kept in the folder `data`. */
export async function startDemonstration(
  overrides: SettingsInput & { data: string },
  clock: Clock,
): Promise<Hub & { url: string; registry: Registry }> {
  const loaded = await loadHub({
    overrides: { http: { port: 0 }, mqtt: { port: 0 }, ...overrides },
    environment: {},
  })
  const log = pino({ level: 'silent' })
  const registry = onFreePorts(loaded.registry)
  const hub = await startHub({
    settings: loaded.settings,
    registry,
    registryFiles: openLiveRegistry({ registry, ...loaded.files, clock, log }),
    version: 'test',
    clock,
    log,
    progress() {},
    restart() {},
    signal: new AbortController().signal,
  })
  return { ...hub, url: hub.url!, registry }
}

/** The demonstration's own ports may be in use by another one. */
function onFreePorts(registry: Registry): Registry {
  const free = (connection: Connection): Connection =>
    connection.driver === 'modbus'
      ? { ...connection, port: 0 }
      : { ...connection, url: connection.url.replace(/:\d+/, ':0') }
  const gateways = [...registry.gateways].map(
    ([id, gateway]) => [id, { ...gateway, connections: gateway.connections.map(free) }] as const,
  )
  const forecasts = registry.forecasts.values().map(source => {
    return [source.id, { ...source, url: source.url.replace(/:\d+/, ':0') }] as const
  })
  return { ...registry, gateways: new Map(gateways), forecasts: new Map(forecasts) }
}
