import { describe, expect, it } from 'vitest'
import type { Session } from '../../../../gateway/driver.ts'
import { createDriver } from '../../../../gateway/drivers/modbus/modbus.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { ModbusConnection } from '../../../../registry/schema.ts'
import { closeLater } from '../../../close-later.ts'
import { until } from '../../../e2e/until.ts'
import { findPeer } from '../../../peers/cache.ts'
import { type ModbusFault, type PymodbusPeer, startPymodbus } from '../../../peers/python.ts'
import { Collector, handClock, log, told } from '../../collector.ts'
import { modbusConnection, modbusPoint } from '../../points.ts'

/** Each register holds its own number: an answer that is taken for another shows. */
const CONTENTS = { 1: { holding: { 0: Array.from({ length: 100 }, (_, i) => i) } } }
const serial = (path: string) =>
  ({ path, baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 }) satisfies ModbusConnection['serial']

type Line = 'tcp' | 'rtu-over-tcp' | 'serial'

function connectionTo(peer: PymodbusPeer, line: Line): ModbusConnection {
  const timeout = 200
  if (line === 'serial')
    return modbusConnection({ host: undefined, serial: serial(peer.path), framing: 'rtu', timeout })
  return modbusConnection({ port: peer.port, framing: line === 'tcp' ? 'tcp' : 'rtu', timeout })
}

/** Reads one point, over a new session where the one before was given up. */
function readerFor(connection: ModbusConnection) {
  const clock = handClock()
  const driver = createDriver({ connection, folder: '', clock, log })
  let session: Session | undefined
  return async (point: Point): Promise<string> => {
    // Beyond every pause of a breaker.
    clock.advance(600_000)
    const { all, deliver } = new Collector()
    try {
      session ??= closeLater(await driver.connect())
      await session.read([point], deliver)
    } catch (error) {
      await session?.close()
      session = undefined
      return `lost: ${(error as Error).message}`
    }
    return told(all)[0]!
  }
}

const FAULTS: [Line, ModbusFault[]][] = [
  ['tcp', ['late', 'wrong-id', 'wrong-unit', 'garbage', 'half']],
  ['rtu-over-tcp', ['late', 'wrong-unit', 'wrong-sum', 'garbage', 'half']],
  ['serial', ['late', 'wrong-unit', 'wrong-sum', 'garbage', 'half']],
]

describe.runIf(findPeer('python'))('pymodbus that misbehaves', () => {
  it.each(FAULTS.flatMap(([line, faults]) => faults.map(fault => [line, fault] as const)))(
    '%s, %s: the answer is no value, none is taken for another, and the next ones are good',
    async (line, fault) => {
      const peer = closeLater(await startPymodbus(CONTENTS, 0, line))
      const read = readerFor(connectionTo(peer, line))
      const point = (address: number) => modbusPoint(`r${address}`, { unit: 1, address })
      expect(await read(point(40))).toBe('r40=40')
      await peer.misbehave(fault, fault)
      expect(await read(point(51))).toMatch(/^(?:r51=bad:[a-z-]+$|lost: )/)
      let address = 61
      const next = async () => {
        address = 62 + ((address - 61) % 30)
        const answer = await read(point(address))
        expect(answer).toMatch(new RegExp(`^(?:r${address}=(?:${address}|bad:[a-z-]+)$|lost: )`))
        return answer
      }
      await until(next, answer => answer === `r${address}=${address}`)
      expect(await read(point(99))).toBe('r99=99')
    },
  )
})
