import type { Logger } from 'pino'
import type { Clock } from '../model/clock.ts'
import { rawOf } from '../model/scale.ts'
import type { Point } from '../registry/registry.ts'
import type { OpcuaConnection } from '../registry/schema.ts'
import { refuseAtTimes } from './refusing.ts'
import type { Signal } from './signals/instrument.ts'

/** A client may look this often; what it finds changes at the point's interval. */
const MINIMUM_SAMPLING_MS = 100
const MAX_CONNECTIONS = 100

export interface NodeBehaviour {
  /** The time of the signal, ms UTC. */
  there: number
  /** How far the clock of the device is ahead. */
  aheadMs: number
  status: 'Good' | 'BadNoCommunication' | 'BadNodeIdUnknown'
}

/**
 * An OPC-UA server with one read-only variable a point, at the node id of the registry. Whenever a variable
 * is read or sampled, it is computed for the point's last full interval, which is its source timestamp. The
 * server trusts every client; its own certificate is kept in `pkiFolder`.
 */
export async function startOpcuaServer(options: {
  host: string
  /** 0: any that is free. */
  port: number
  security: Pick<OpcuaConnection, 'securityMode' | 'securityPolicy'>
  points: readonly Point[]
  signals: ReadonlyMap<string, Signal>
  /** What of a variable is shown at an instant, ms UTC; by default the signal of that instant. */
  behaviour?: (point: Point, time: number) => NodeBehaviour
  /** Whether nobody listens now. */
  isRefusing?: () => boolean
  pkiFolder: string
  clock: Clock
  log: Logger
}): Promise<{ port: number; close(): Promise<void> }> {
  const { host, port, security, points, signals, pkiFolder, clock, log } = options
  const { behaviour = (_, time) => ({ there: time, aheadMs: 0, status: 'Good' }) } = options
  const { isRefusing = () => false } = options
  // 74 MB and half a second: only for whoever simulates OPC-UA.
  const {
    DataType,
    MessageSecurityMode,
    OPCUACertificateManager,
    OPCUAServer,
    SecurityPolicy,
    StatusCodes,
    DataValue,
    VariantArrayType,
    nodesets,
  } = await import('node-opcua')
  const dataTypes = { boolean: DataType.Boolean, number: DataType.Double, string: DataType.String }
  const certificates = new OPCUACertificateManager({
    rootFolder: pkiFolder,
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  })
  const server = new OPCUAServer({
    host,
    hostname: host,
    port,
    serverInfo: { applicationName: { text: 'Affluent simulator' } },
    nodesets: [nodesets.standard],
    securityModes: [MessageSecurityMode[security.securityMode]],
    securityPolicies: [SecurityPolicy[security.securityPolicy]],
    serverCertificateManager: certificates,
    maxConnectionsPerEndpoint: MAX_CONNECTIONS,
  })
  await server.initialize()
  const space = server.engine.addressSpace!
  const objects = space.rootFolder.objects
  for (const [device, ofDevice] of Map.groupBy(points, point => `${point.site}/${point.device}`)) {
    const folder = space.getOwnNamespace().addFolder(objects, { browseName: device })
    for (const point of ofDevice) addVariable(point, folder)
  }
  try {
    await server.start()
  } catch (error) {
    await server.shutdown(0)
    throw error
  }
  log.debug({ nodes: points.length }, 'OPC-UA simulator listens')
  const endRefusing = refuseAtTimes(
    isRefusing,
    {
      async stop() {
        const stopped = server.suspendEndPoints()
        for (const endpoint of server.endpoints) endpoint.abruptlyInterruptChannels()
        await stopped
      },
      listen: () => server.resumeEndPoints(),
    },
    log,
  )
  return {
    port: server.endpoints[0]!.port,
    async close() {
      endRefusing()
      await server.shutdown(0)
    },
  }

  function addVariable(
    point: Point,
    folder: ReturnType<ReturnType<typeof space.getOwnNamespace>['addFolder']>,
  ) {
    if (point.source.driver !== 'opcua') return
    const source = point.source.opcua
    const { node, element, states } = source
    const signal = signals.get(point.id)!
    const dataType = states ? DataType.Int32 : dataTypes[point.quantity.value]
    const arrayType = element === undefined ? VariantArrayType.Scalar : VariantArrayType.Array
    const namespace = Number(/^ns=(\d+);/.exec(node)?.[1] ?? 0)
    while (space.getNamespaceArray().length <= namespace) {
      space.registerNamespace(`urn:affluent:simulator:${space.getNamespaceArray().length}`)
    }
    space.getNamespace(namespace).addVariable({
      nodeId: node,
      browseName: point.name,
      displayName: point.label.en,
      organizedBy: folder,
      dataType,
      valueRank: element === undefined ? -1 : 1,
      accessLevel: 'CurrentRead',
      userAccessLevel: 'CurrentRead',
      minimumSamplingInterval: Math.min(MINIMUM_SAMPLING_MS, point.interval),
      value: {
        timestamped_get: () => {
          const time = Math.floor(clock.now() / point.interval) * point.interval
          const { there, aheadMs, status } = behaviour(point, time)
          const raw = rawOf(source, signal(there))
          return new DataValue({
            value: { dataType, arrayType, value: element === undefined ? raw : Array(element + 1).fill(raw) },
            sourceTimestamp: new Date(time + aheadMs),
            statusCode: StatusCodes[status],
          })
        },
      },
    })
  }
}
