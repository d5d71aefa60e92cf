import { pino } from 'pino'
import type { Clock } from '../../model/clock.ts'
import type { UnitMap } from '../../simulators/modbus-map.ts'
import { startModbusServer } from '../../simulators/modbus-server.ts'

/** What the process is started with, as JSON in its only argument. */
export interface DevicesProcessSettings {
  devices: number
}

/** What was asked of the devices since `count`. */
export interface Asked {
  registers: number
  /** Reads of the first register of a device: each begins a cycle. */
  cycles: number
  /** How far the time between two cycles of a device was from a second, ms. */
  jitters: number[]
}

/**
 * Modbus servers, one a device, each on a port of its own. What they answer is ready, so that they take as little as they
 * can of a machine that they share with those who are measured.
 */
const { devices }: DevicesProcessSettings = JSON.parse(process.argv[2]!)
const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
const log = pino({ level: 'warn' })
const values = Array.from({ length: 2000 }, (_, i) => i)
let asked: Asked = { registers: 0, cycles: 0, jitters: [] }

function createDevice(): UnitMap {
  let last: number | undefined
  return {
    read(_table, address, count) {
      asked.registers += count
      if (address === 0) {
        const now = clock.elapsed()
        if (last !== undefined) asked.jitters.push(Math.abs(now - last - 1000))
        last = now
        asked.cycles++
      }
      return values.slice(address, address + count)
    },
  }
}

const servers = await Promise.all(
  Array.from({ length: devices }, () =>
    startModbusServer({ host: '127.0.0.1', port: 0, units: new Map([[1, createDevice()]]), clock, log }),
  ),
)
process.on('message', (message: 'count' | 'report') => {
  if (message === 'report') process.send!(asked)
  asked = { registers: 0, cycles: 0, jitters: [] }
})
process.once('SIGTERM', () => process.exit())
process.send!(servers.map(({ port }) => port))
