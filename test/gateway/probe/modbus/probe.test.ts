import { afterEach, describe, expect, it } from 'vitest'
import { explain } from '../../../../gateway/drivers/modbus/explain.ts'
import { findUnits, seemOne } from '../../../../gateway/probe/modbus/find-units.ts'
import { identify } from '../../../../gateway/probe/modbus/identify.ts'
import { readLibrary } from '../../../../gateway/probe/modbus/library.ts'
import { openProbe, type Probe } from '../../../../gateway/probe/modbus/probe.ts'
import { readValue } from '../../../../gateway/probe/modbus/read-value.ts'
import { valueToRegisters } from '../../../../model/scale.ts'
import type { ModbusConnection } from '../../../../registry/schema.ts'
import { startModbusServer } from '../../../../simulators/modbus-server.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { startPymodbus } from '../../../peers/python.ts'
import { clock, log } from '../../collector.ts'
import { exception, registers, startDevice } from '../../drivers/modbus/device.ts'
import { modbusConnection } from '../../points.ts'

const SERIAL = { baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 } as const
const quiet = () => {}

const stopping = new AbortController()
afterEach(() => expect(stopping.signal.aborted).toBe(false))

async function probeFor(fields: Partial<ModbusConnection>, signal = stopping.signal): Promise<Probe> {
  return closeLater(await openProbe(modbusConnection({ timeout: 100, ...fields }), signal))
}

async function unitsOf(probe: Probe, from: number, to: number) {
  return Array.fromAsync(findUnits(probe, { from, to, progress: quiet }))
}

describe('finding units', () => {
  it.runIf(findPeer('python'))('on TCP, on RTU over TCP and on a serial line, from pymodbus', async () => {
    const contents = { 3: { holding: { 0: [7] } }, 5: { input: { 9: [7] } } }
    for (const line of ['tcp', 'rtu-over-tcp', 'serial'] as const) {
      const peer = closeLater(await startPymodbus(contents, 0, line))
      const probe = await probeFor(
        line === 'serial'
          ? { host: undefined, serial: { path: peer.path, ...SERIAL } }
          : { port: peer.port, framing: line === 'tcp' ? 'tcp' : 'rtu' },
      )
      // pymodbus answers exception 4 for units that it does not have.
      expect(await unitsOf(probe, 3, 5)).toEqual([
        { unit: 3, answer: { kind: 'data', data: [7] } },
        { unit: 4, answer: { kind: 'exception', code: 4 } },
        { unit: 5, answer: { kind: 'exception', code: 2 } },
      ])
    }
  })

  it('one at a time; silence and exceptions 10 and 11 are of a unit that is not there', async () => {
    const codes = [10, 11, 2, 1]
    const device = closeLater(
      await startDevice((request, reply) => {
        if (request.unit > 0) reply(exception(request, codes[request.unit - 1]!))
      }),
    )
    const found = await unitsOf(await probeFor({ port: device.port }), 0, 4)
    expect(found.map(({ unit }) => unit)).toEqual([3, 4])
    expect(device.requests.map(({ unit }) => unit)).toEqual([0, 1, 2, 3, 4])
  })

  it('goes on after a device that hangs up', async () => {
    const device = closeLater(
      await startDevice((request, reply) =>
        request.unit === 2 ? device.hangUp() : reply(registers(request, [1])),
      ),
    )
    const found = await unitsOf(await probeFor({ port: device.port }), 1, 3)
    expect(found.map(({ unit }) => unit)).toEqual([1, 3])
  })

  it('many that answer alike are most likely one', async () => {
    const device = closeLater(await startDevice((request, reply) => reply(registers(request, [9]))))
    const probe = await probeFor({ port: device.port })
    expect(seemOne(await unitsOf(probe, 1, 8))).toBe(true)
    expect(seemOne(await unitsOf(probe, 1, 7))).toBe(false)
    const differing = closeLater(
      await startDevice((request, reply) => reply(registers(request, [request.unit]))),
    )
    expect(seemOne(await unitsOf(await probeFor({ port: differing.port }), 1, 8))).toBe(false)
  })
})

describe('a probe', () => {
  it('is stopped at once, whatever it waits for', async () => {
    const device = closeLater(await startDevice(() => stop.abort()))
    const stop = new AbortController()
    const probe = await probeFor({ port: device.port, timeout: 3_600_000 }, stop.signal)
    await expect(probe.ask({ unit: 1, table: 'holding', address: 0, count: 1 })).rejects.toThrow('aborted')
    await expect(openProbe(modbusConnection({ port: device.port }), stop.signal)).rejects.toThrow('aborted')
  })

  it('asks for less until the unit gives it', async () => {
    const device = closeLater(
      await startDevice((request, reply) =>
        reply(request.count > 2 ? exception(request, 2) : registers(request, [1, 2].slice(0, request.count))),
      ),
    )
    const probe = await probeFor({ port: device.port })
    const { answer } = await readValue(probe, { unit: 1, table: 'holding', address: 0, count: 4 })
    expect(answer).toEqual({ kind: 'data', data: [1, 2] })
  })

  it('says what to do', async () => {
    const device = closeLater(
      await startDevice((request, reply) => {
        if (request.unit === 3) reply(exception(request, 2))
      }),
    )
    const probe = await probeFor({ port: device.port })
    const question = { unit: 3, table: 'holding', address: 70, count: 1 } as const
    expect(explain(probe, question, await probe.ask(question))).toBe(
      `unit 3 on 127.0.0.1:${device.port} answers exception 2 for holding address 70 (40071): the device has no such register; addresses count from 0 here, from 1 in many manuals: try --address 69, --address 40071 where the number in the manual is the address, or see which it has: --from 50 --to 90`,
    )
    const silent = { ...question, unit: 4 }
    expect(explain(probe, silent, await probe.ask(silent))).toMatch(
      /^unit 4 on \S+ does not answer for holding address 70 \(40071\) within 100 ms: check its unit number .* --timeout$/,
    )
  })

  it.runIf(findPeer('python'))('hears what a device says of itself, in every framing', async () => {
    const itself = ['Schneider Electric', 'iEM3155', '1.4'] as const
    for (const line of ['tcp', 'rtu-over-tcp', 'serial'] as const) {
      const peer = closeLater(await startPymodbus({ 3: { holding: { 0: [7] } } }, 0, line, itself))
      const probe = await probeFor(
        line === 'serial'
          ? { host: undefined, serial: { path: peer.path, ...SERIAL } }
          : { port: peer.port, framing: line === 'tcp' ? 'tcp' : 'rtu' },
      )
      expect(await probe.identify(3)).toEqual({ vendor: itself[0], product: itself[1], revision: itself[2] })
      expect(await probe.ask({ unit: 3, table: 'holding', address: 0, count: 1 })).toEqual({
        kind: 'data',
        data: [7],
      })
    }
  })

  it('takes a device that says nothing of itself as it is', async () => {
    const unit = { read: () => [7] }
    const server = await startModbusServer({
      ...{ host: '127.0.0.1', port: 0, clock, log },
      units: new Map([[1, unit]]),
    })
    closeLater(server)
    expect(await (await probeFor({ port: server.port })).identify(1)).toBeUndefined()
  })
})

describe.runIf(findPeer('python'))('the model of a unit, from pymodbus', () => {
  async function likelyFor(
    contents: Parameters<typeof startPymodbus>[0][number],
    itself?: readonly [string, string, string],
  ) {
    const unit = 1
    const peer = closeLater(await startPymodbus({ [unit]: contents }, 0, 'tcp', itself))
    const { deviceFiles: library, problems } = await readLibrary()
    expect(problems).toEqual([])
    const probe = await probeFor({ port: peer.port, timeout: 2000 })
    const identification = itself && (await probe.identify(unit))
    const likely = await identify(probe, { unit, library, identification, now: clock.now, progress: quiet })
    return likely.map(({ model }) => model)
  }

  /** What the registers of a model hold where each point shows a number of its own. */
  async function contentsOf(model: string, values: Record<string, number> = {}, other = 45) {
    const { deviceFiles } = await readLibrary()
    const tables: Record<string, Record<number, number[]>> = { holding: {}, input: {} }
    for (const [name, { modbus }] of Object.entries(deviceFiles.get(model)!.value.points))
      tables[modbus!.table]![modbus!.address] = valueToRegisters(modbus!, values[name] ?? other)
    return tables
  }

  it('is the one whose points are all there and possible', async () => {
    const tables = await contentsOf('generic/heat-meter', { index: 4901.26, power: 137.2 })
    expect((await likelyFor(tables))[0]).toBe('generic/heat-meter')
  })

  it.each([
    ['eastron/sdm630', ['Eastron', 'SDM630', '1.4']],
    ['abb/b23', ['ABB', 'B23', 'B1.2']],
    ['schneider-electric/iem3155', ['Schneider Electric', 'iEM3155', '1.4']],
  ] as const)(
    '%s is known by its registers, and first where it says itself what it is',
    async (model, itself) => {
      const values = { index: 4901.26, power: 1.372, frequency: 50, 'power-factor': 0.9 }
      const contents = await contentsOf(model, values, 10)
      expect((await likelyFor(contents)).slice(0, 6)).toContain(model)
      expect((await likelyFor(contents, itself))[0]).toBe(model)
    },
  )

  it('is none where what answers is impossible or too little', async () => {
    expect(await likelyFor({ input: { 0: [60_000, 60_000] }, discrete: { 0: [false, false] } })).toEqual([])
    expect(await likelyFor({ holding: { 5000: [1] } })).toEqual([])
  })
})
