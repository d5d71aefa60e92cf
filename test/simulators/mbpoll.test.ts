import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Point } from '../../registry/registry.ts'
import { mapUnit } from '../../simulators/modbus-map.ts'
import { startModbusServer } from '../../simulators/modbus-server.ts'
import type { Signal } from '../../simulators/signals/instrument.ts'
import { closeLater } from '../close-later.ts'
import { modbusPoint } from '../gateway/points.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'
import { bridgeSerial } from '../peers/python.ts'
import { log, stoppedAt } from './territory.ts'

const NOW = Date.parse('2026-03-11T10:10:00Z')

/** What libmodbus reads of each point: the options of mbpoll, and what it prints. */
const READS: [Point, number | boolean, options: string[], printed: string][] = [
  [modbusPoint('uint16', { address: 0 }), 40_000, ['-t', '4', '-r', '0'], '40000 (-25536)'],
  [modbusPoint('int16', { address: 1, type: 'int16' }), -2, ['-t', '4', '-r', '1'], '65534 (-2)'],
  [
    modbusPoint('uint32', { address: 2, type: 'uint32' }),
    16_909_060,
    ['-B', '-t', '4:int', '-r', '2'],
    '16909060',
  ],
  [
    modbusPoint('int32', { table: 'input', address: 4, type: 'int32', wordOrder: 'little' }),
    -16_909_060,
    ['-t', '3:int', '-r', '4'],
    '-16909060',
  ],
  [
    modbusPoint('float32', { address: 6, type: 'float32' }),
    21.25,
    ['-B', '-t', '4:float', '-r', '6'],
    '21.25',
  ],
  [
    modbusPoint('float32-little', { table: 'input', address: 8, type: 'float32', wordOrder: 'little' }),
    -1.5e-7,
    ['-t', '3:float', '-r', '8'],
    '-1.5e-07',
  ],
  [modbusPoint('scaled', { address: 10, scale: 0.1 }), 23.4, ['-t', '4', '-r', '10'], '234'],
  [modbusPoint('bcd', { address: 11, type: 'bcd16' }), 1234, ['-t', '4:hex', '-r', '11'], '0x1234'],
  [modbusPoint('coil', { table: 'coil', address: 3, type: 'bool' }), true, ['-t', '0', '-r', '3'], '1'],
  [
    modbusPoint('discrete', { table: 'discrete', address: 4, type: 'bool' }),
    false,
    ['-t', '1', '-r', '4'],
    '0',
  ],
]

const shown = new Map(READS.map(([point, value]): [string, Signal] => [point.id, () => value]))
const units = new Map([
  [
    1,
    mapUnit(
      READS.map(([point]) => point),
      shown,
    ),
  ],
])

async function startServer(framing: 'tcp' | 'rtu') {
  return closeLater(
    await startModbusServer({ host: '127.0.0.1', port: 0, framing, units, clock: stoppedAt(NOW), log }),
  )
}

/** What mbpoll prints of the first register, or its complaint. */
async function mbpoll(line: string[], place: string, options: string[]): Promise<string> {
  const args = ['-1', '-0', '-a', '1', ...line, ...options, place]
  const { stdout, stderr } = await promisify(execFile)(peerProgram('mbpoll'), args).catch(error => error)
  return /^\[\d+\]:\s*(.*\S)/m.exec(stdout)?.[1] ?? /failed: (.*)/.exec(stderr)?.[1] ?? `${stdout}${stderr}`
}

async function expectAll(line: string[], place: string): Promise<void> {
  for (const [{ name }, , options, printed] of READS)
    expect([name, await mbpoll(line, place, options)]).toEqual([name, printed])
  expect(await mbpoll(line, place, ['-t', '4', '-r', '300'])).toBe('Illegal data address')
}

describe.runIf(findPeer('mbpoll'))('libmodbus, by mbpoll, reads what is played', () => {
  it('over TCP', async () => {
    const { port } = await startServer('tcp')
    await expectAll(['-m', 'tcp', '-p', String(port)], '127.0.0.1')
  })

  it.runIf(findPeer('python'))('over a serial line', async () => {
    const { port } = await startServer('rtu')
    const { path } = closeLater(await bridgeSerial(port))
    await expectAll(['-m', 'rtu', '-b', '9600', '-P', 'none'], path)
  })
})
