import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { Clock } from '../model/clock.ts'
import { crc16, isBitTable, MAX_BITS, MAX_REGISTERS, type ModbusTable } from '../model/modbus.ts'
import type { UnitMap } from './modbus-map.ts'
import { refuseAtTimes } from './refusing.ts'

/** Modbus Application Protocol 1.1b3: the table that each of the reading functions reads. */
const READS: Readonly<Record<number, ModbusTable>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' }

/** Section 7: exception codes. */
const ILLEGAL_FUNCTION = 1
const ILLEGAL_ADDRESS = 2
const ILLEGAL_VALUE = 3
const DEVICE_FAILURE = 4
const TARGET_FAILED_TO_RESPOND = 11

/** MBAP header: transaction, protocol (0), length of what follows, unit. */
const HEADER = 7
const MAX_LENGTH = 254

/**
 * A Modbus server for several units, over TCP. Every answer is computed when it is asked for; it only reads. A unit
 * that it does not have answers as a gateway does whose line stays silent (exception 11); with the framing of a serial
 * line there is silence.
 */
export async function startModbusServer(options: {
  host: string
  /** 0: any that is free. */
  port: number
  framing?: 'tcp' | 'rtu'
  units: ReadonlyMap<number, UnitMap>
  /** How a unit answers now. */
  behaviour?: (unit: number) => Behaviour
  /** Whether nobody listens now. */
  isRefusing?: () => boolean
  clock: Clock
  log: Logger
}): Promise<{ port: number; close(): Promise<void> }> {
  const { host, port, framing = 'tcp', units, clock, log } = options
  const { behaviour = () => BEHAVES, isRefusing = () => false } = options
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', error => log.debug({ error: error.message }, 'client gone'))
    const respond: Respond = (unit, request) => answer(units.get(unit), request, clock.now(), log)
    if (framing === 'tcp') answerRequests(socket, respond, behaviour)
    else {
      const ofUnits: Respond<Buffer | undefined> = (unit, request) =>
        units.has(unit) ? respond(unit, request) : undefined
      answerRtuRequests(socket, ofUnits, behaviour)
    }
  })
  await listen(port)
  const listened = (server.address() as AddressInfo).port

  async function listen(at: number): Promise<void> {
    server.listen(at, host)
    await once(server, 'listening')
  }

  function stop(): Promise<void> {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    return closed
  }
  const endRefusing = refuseAtTimes(isRefusing, { stop, listen: () => listen(listened) }, log)

  return {
    port: listened,
    close() {
      endRefusing()
      return stop()
    },
  }
}

/** What a device does beside answering rightly. */
export interface Behaviour {
  isSilent: boolean
  /** Each answer takes so long, and the next ones wait for it. */
  holdMs: number
  /** Each answer comes so late, and the next ones overtake it. */
  lateMs: number
  /** Over TCP, answers bear the transaction id of another request. */
  isMixedUp: boolean
}

export const BEHAVES: Behaviour = { isSilent: false, holdMs: 0, lateMs: 0, isMixedUp: false }

/** Sends answers as a behaviour says, in the order of the requests unless they are late. */
function createMouth(line: Duplex): (answer: Buffer, behaviour: Behaviour) => void {
  let waiting: Promise<unknown> = Promise.resolve()
  let held = 0
  const send = (answer: Buffer) => {
    if (line.writable) line.write(answer)
  }
  return (answer, { isSilent, holdMs, lateMs }) => {
    if (isSilent) return
    if (lateMs > 0) setTimeout(send, lateMs, answer)
    else if (holdMs === 0 && held === 0) send(answer)
    else {
      held++
      waiting = waiting
        .then(() => new Promise(resolve => setTimeout(resolve, holdMs)))
        .then(() => {
          held--
          send(answer)
        })
    }
  }
}

/** The answer to a request, both from the function code on. */
type Respond<Answer = Buffer> = (unit: number, request: Buffer) => Answer

/** Cuts a stream into requests, however TCP has cut it, and answers them in order. */
export function answerRequests(
  socket: Duplex,
  respond: Respond,
  behaviour: (unit: number) => Behaviour = () => BEHAVES,
): void {
  const say = createMouth(socket)
  let pending: Buffer = Buffer.alloc(0)
  socket.on('data', (data: Buffer) => {
    pending = pending.length === 0 ? data : Buffer.concat([pending, data])
    while (pending.length >= HEADER) {
      const length = pending.readUInt16BE(4)
      if (pending.readUInt16BE(2) !== 0 || length < 2 || length > MAX_LENGTH) {
        // Not Modbus, or out of step: there is no way back into this stream.
        socket.destroy()
        return
      }
      if (pending.length < HEADER - 1 + length) return
      const unit = pending[6]!
      const response = respond(unit, pending.subarray(HEADER, HEADER - 1 + length))
      const header = Buffer.alloc(HEADER)
      pending.copy(header, 0, 0, 2)
      header.writeUInt16BE(response.length + 1, 4)
      header[6] = unit
      const conduct = behaviour(unit)
      if (conduct.isMixedUp) header.writeUInt16BE((header.readUInt16BE(0) + 1) & 0xffff, 0)
      say(Buffer.concat([header, response]), conduct)
      pending = pending.subarray(HEADER - 1 + length)
    }
  })
}

/** Unit, function, address, count, CRC: every request that reads. */
const RTU_REQUEST = 8

/** The same with the framing of a serial line; what is no sound request is passed over. */
export function answerRtuRequests(
  line: Duplex,
  respond: Respond<Buffer | undefined>,
  behaviour: (unit: number) => Behaviour = () => BEHAVES,
): void {
  const say = createMouth(line)
  let pending: Buffer = Buffer.alloc(0)
  line.on('data', (data: Buffer) => {
    pending = Buffer.concat([pending, data])
    while (pending.length >= RTU_REQUEST) {
      const frame = pending.subarray(0, RTU_REQUEST)
      const isSound = crc16(frame.subarray(0, -2)) === frame.readUInt16LE(RTU_REQUEST - 2)
      pending = pending.subarray(isSound ? RTU_REQUEST : 1)
      const response = isSound ? respond(frame[0]!, frame.subarray(1, -2)) : undefined
      if (!response) continue
      const answered = Buffer.concat([frame.subarray(0, 1), response, Buffer.alloc(2)])
      answered.writeUInt16LE(crc16(answered.subarray(0, -2)), answered.length - 2)
      say(answered, behaviour(frame[0]!))
    }
  })
}

function answer(unit: UnitMap | undefined, request: Buffer, time: number, log: Logger): Buffer {
  const code = request[0]!
  const refuse = (exception: number) => Buffer.from([code | 0x80, exception])
  if (!unit) return refuse(TARGET_FAILED_TO_RESPOND)
  const table = READS[code]
  if (!table) return refuse(ILLEGAL_FUNCTION)
  if (request.length !== 5) return refuse(ILLEGAL_VALUE)
  const address = request.readUInt16BE(1)
  const count = request.readUInt16BE(3)
  const bits = isBitTable(table)
  if (count < 1 || count > (bits ? MAX_BITS : MAX_REGISTERS)) return refuse(ILLEGAL_VALUE)
  try {
    const words = unit.read(table, address, count, time)
    if (!words) return refuse(ILLEGAL_ADDRESS)
    const data = bits ? packBits(words) : packWords(words)
    return Buffer.concat([Buffer.from([code, data.length]), data])
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    log.warn(error.message)
    return refuse(DEVICE_FAILURE)
  }
}

function packWords(words: readonly number[]): Buffer {
  const data = Buffer.alloc(words.length * 2)
  words.forEach((word, at) => {
    data.writeUInt16BE(word, at * 2)
  })
  return data
}

/** Eight to a byte, the first in the lowest bit. */
function packBits(bits: readonly number[]): Buffer {
  const data = Buffer.alloc(Math.ceil(bits.length / 8))
  bits.forEach((bit, at) => {
    if (bit) data[at >> 3]! |= 1 << (at & 7)
  })
  return data
}
