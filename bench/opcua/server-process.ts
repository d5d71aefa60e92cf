import { pino } from 'pino'
import type { Clock } from '../../model/clock.ts'
import { loadRegistry } from '../../registry/load.ts'
import { measuredPoints } from '../../registry/registry.ts'
import { startOpcuaServer } from '../../simulators/opcua-server.ts'

/** What the process is started with, as JSON in its only argument. */
export interface ServerProcessSettings {
  folder: string
  /** territory.yaml */
  registryFile: string
  port: number
}

/** An OPC-UA server whose variables all show the seconds since 1970. */
const { folder, registryFile, port }: ServerProcessSettings = JSON.parse(process.argv[2]!)
const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
const points = measuredPoints(await loadRegistry(registryFile))
const signal = (time: number) => Math.floor(time / 1000)
await startOpcuaServer({
  host: '127.0.0.1',
  port,
  security: { securityMode: 'None', securityPolicy: 'None' },
  points,
  signals: new Map(points.map(({ id }) => [id, signal])),
  pkiFolder: folder,
  clock,
  log: pino({ level: 'warn' }),
})
process.once('SIGTERM', () => process.exit())
process.send!('ready')
