import { followHub } from '../gateway/follow/follow.ts'
import { startGateway } from '../gateway/gateway.ts'
import { keepHeapSmall } from '../gateway/heap.ts'
import type { Clock } from '../model/clock.ts'
import { followedFolder, registryInForce } from '../registry/followed.ts'
import type { Gateway } from '../registry/schema.ts'
import type { Simulators } from '../simulators/simulators.ts'
import type { HubParts } from './parts.ts'
import { type PoweredGateway, playOnGateway } from './played-gateway.ts'

/** The gateways of the registry, or those that the settings name. */
export async function startGatewayRole(parts: HubParts, simulators: Simulators | undefined): Promise<void> {
  const { settings, registry, clock, log, keep } = parts
  if (settings.roles.size === 1) keepHeapSmall()
  for (const gateway of registry.gateways.values()) {
    if (settings.gateways && !settings.gateways.includes(gateway.id)) continue
    const start = (clock: Clock) => startOne(parts, gateway, simulators, clock)
    if (!simulators) keep(await start(clock))
    else keep(await playOnGateway({ gateway: gateway.id, director: simulators.director, clock, log, start }))
  }
}

async function startOne(
  { settings, registry, log, at, dial, willOf, restart }: HubParts,
  gateway: Gateway,
  simulators: Simulators | undefined,
  clock: Clock,
): Promise<PoweredGateway> {
  const part = registry.gatewayParts.get(gateway.id)!
  await using starting = new AsyncDisposableStack()
  const bus = await dial(gateway.id, willOf(gateway.id, 'gateway', part))
  starting.defer(() => bus.close())
  const running = await startGateway({
    registry,
    gateway,
    bus,
    outboxFolder: at('gateways', gateway.id),
    outboxLimits: settings.outbox,
    backlogRate: settings.outbox.backlogRate,
    syncIntervalMs: settings.outbox.syncInterval,
    addresses: simulators?.addresses,
    clock,
    isClockTrusted: settings.gatewayClock === 'trusted',
    follows: settings.follow?.key,
    log,
  })
  starting.defer(() => running.close())
  if (settings.follow) {
    await followHub({
      gateway: gateway.id,
      inForce: { number: registryInForce(settings).number, hash: part.hash },
      key: settings.follow.key,
      folder: followedFolder(settings),
      ...{ bus, log },
      onTaken: restart,
      onRefused: running.refusesRegistry,
    })
  }
  const started = starting.move()
  return {
    close: () => started.disposeAsync(),
    cut() {
      bus.cut()
      return running.cut()
    },
  }
}
