import { z } from 'zod'
import type { Registry } from '../../registry/registry.ts'
import type { Feed } from '../live/feed.ts'
import type { Server } from '../server.ts'
import { describeGateway, gatewaySchema } from './gateway.ts'

/** The gateways of the registry; a gateway's name as a sender is its id. */
export function addGatewayRoutes(
  server: Server,
  { registry, feed }: { registry: Registry; feed: Feed },
): void {
  server.get(
    '/v1/gateways',
    {
      schema: {
        tags: ['gateways'],
        summary: 'The gateways, their connections and their outboxes',
        response: { 200: z.strictObject({ gateways: z.array(gatewaySchema) }) },
      },
    },
    async () => ({
      gateways: [...registry.gateways.values()].map(gateway =>
        describeGateway(gateway, feed.statuses.get(gateway.id), registry),
      ),
    }),
  )
}
