import type { Logger } from 'pino'
import type { Bus } from '../../bus/contract.ts'
import { topics } from '../../bus/topics.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Issuer } from './issuer.ts'

/** Leaves for each gateway that follows this hub what it is to run, retained, on every connect. */
export function publishRegistries(options: {
  registry: Pick<Registry, 'gatewayParts'>
  issuer: Issuer
  bus: Bus
  log: Logger
}): { close(): void } {
  const { registry, issuer, bus, log } = options
  const letters = issuer.followers().flatMap(gateway => {
    const part = registry.gatewayParts.get(gateway)
    return part ? [{ gateway, letter: issuer.letterFor(gateway, part) }] : []
  })
  const close = bus.onConnect(() => {
    for (const { gateway, letter } of letters)
      bus.publish(topics.registry(gateway), letter, { retain: true }).catch(error => {
        log.warn({ err: error, gateway }, 'its registry was not published; it is on the next connect')
      })
  })
  return { close }
}
