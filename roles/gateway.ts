import { followHub } from '../gateway/follow/follow.ts'
import { startGateway } from '../gateway/gateway.ts'
import { keepHeapSmall } from '../gateway/heap.ts'
import { followedFolder, registryInForce } from '../registry/followed.ts'
import type { Simulators } from '../simulators/simulators.ts'
import type { HubParts } from './parts.ts'

/** The gateways of the registry, or those that the settings name. */
export async function startGatewayRole(parts: HubParts, simulators: Simulators | undefined): Promise<void> {
  const { settings, registry, clock, log, keep, at, connect, willOf } = parts
  if (settings.roles.size === 1) keepHeapSmall()
  for (const gateway of registry.gateways.values()) {
    if (settings.gateways && !settings.gateways.includes(gateway.id)) continue
    const part = registry.gatewayParts.get(gateway.id)!
    const bus = await connect(gateway.id, willOf(gateway.id, 'gateway', part))
    const running = keep(
      await startGateway({
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
      }),
    )
    if (!settings.follow) continue
    await followHub({
      gateway: gateway.id,
      inForce: { number: registryInForce(settings).number, hash: part.hash },
      key: settings.follow.key,
      folder: followedFolder(settings),
      ...{ bus, log },
      onTaken: parts.restart,
      onRefused: running.refusesRegistry,
    })
  }
}
