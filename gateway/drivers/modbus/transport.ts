import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import modbus from 'modbus-serial'
import type { Address } from '../../../model/address.ts'
import { framingOf } from '../../../registry/modbus-line.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { type Line, openLine } from './line.ts'
import { OwedAnswers } from './owed-answers.ts'
import type { ModbusRequest } from './plan-requests.ts'
import { RtuPort } from './rtu-port.ts'

/** The device answered with an exception: MODBUS Application Protocol 1.1b3, 7. */
export class ModbusException extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** The device did not answer in time. */
export class ModbusTimeout extends Error {}

/** The connection is gone. */
export class ConnectionLost extends Error {}

/** The basic objects of a device's identification, each where it has one. */
export interface Identification {
  vendor?: string
  product?: string
  revision?: string
}

/** One line, on which one request at a time is under way: devices lose replies with more. */
export interface Transport {
  /** `host:port`, or the path of the serial line. */
  place: string
  /**
   * The registers, or the bits as 0 and 1. Not to be called before the last one has settled.
   * @throws ModbusException, ModbusTimeout, ConnectionLost, or Error for an answer that makes no sense.
   */
  read(request: ModbusRequest): Promise<number[]>
  /** What a unit says of itself, which few do: function 43/14, clause 6.21. Called and rejecting as {@link read}. */
  identify(unit: number): Promise<Identification>
  /** Resolves when the line need not be left alone any more after a time-out. */
  quiet(): Promise<void>
  readonly lost: Promise<Error>
  close(): void
}

/**
 * On a line that was opened before, with what its units owe.
 * @throws Error that names the place when it does not open, or the address does not accept within the time.
 */
export async function connectTransport(
  connection: ModbusConnection,
  address?: Address,
  owed = new OwedAnswers(),
): Promise<Transport> {
  const { timeout, pause } = connection
  const line = await openLine(connection, address)
  const { client, rtu } = await openClient(line, connection, owed)
  client.setTimeout(timeout)

  const lost = Promise.withResolvers<Error>()
  let abort = (_: Error) => {}
  let cause: Error | undefined
  line.stream.on('error', error => (cause = error))
  line.stream.on('close', () => {
    const reason = cause ? cause.message : 'closed by the device'
    const error = new ConnectionLost(`connection to ${line.place} lost: ${reason}`)
    lost.resolve(error)
    abort(error)
    // Ends the time-out of a request that nobody waits for any more.
    client.destroy(() => {})
    rtu?.close(() => {})
  })

  async function ask<T>(unit: number, what: string, request: () => Promise<T>): Promise<T> {
    await rtu?.quiet()
    if (pause > 0) await wait(pause)
    if (!line.isOpen()) throw new ConnectionLost(`connection to ${line.place} lost`)
    client.setID(unit)
    try {
      return await request()
    } catch (error) {
      const failure = readFailure(error as Error, `unit ${unit}, ${what}`)
      if (failure instanceof ModbusTimeout) rtu?.awaitLate(timeout)
      throw failure
    }
  }

  /** Where the answer may be one that was owed: again, when no other may come. */
  async function askUntilSure<T>(...question: Parameters<typeof ask<T>>): Promise<T> {
    const answer = ask(...question)
    await answer.catch(() => {})
    if (!rtu?.isDoubtful) return answer
    await rtu.drain(timeout)
    return ask(...question)
  }

  function orLost<T>(asked: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      abort = reject
      asked.then(resolve, reject)
    })
  }

  return {
    place: line.place,
    lost: lost.promise,
    read: request => orLost(askUntilSure(request.unit, describe(request), () => answer(client, request))),
    identify: unit => orLost(askUntilSure(unit, 'identification', () => identification(client))),
    quiet: async () => rtu?.quiet(),
    close: () => line.close(),
  }
}

type Client = InstanceType<typeof modbus.default>

/** modbus-serial neither reports a lost connection to requests under way nor connects again: the line is ours. */
async function openClient(
  line: Line,
  connection: ModbusConnection,
  owed: OwedAnswers,
): Promise<{ client: Client; rtu?: RtuPort }> {
  const { stream } = line
  if (stream instanceof Socket && framingOf(connection) === 'tcp') {
    const client = new modbus.default()
    await client.linkTCP(stream, { port: stream.remotePort! })
    return { client }
  }
  const rtu = new RtuPort(line, owed)
  const client = new modbus.default(rtu)
  client.open(() => {})
  return { client, rtu }
}

async function answer(client: Client, request: ModbusRequest): Promise<number[]> {
  // Bits come in whole bytes.
  return (await readTable(client, request)).slice(0, request.count).map(Number)
}

async function readTable(client: Client, { table, address, count }: ModbusRequest) {
  switch (table) {
    case 'holding':
      return (await client.readHoldingRegisters(address, count)).data
    case 'input':
      return (await client.readInputRegisters(address, count)).data
    case 'coil':
      return (await client.readCoils(address, count)).data
    case 'discrete':
      return (await client.readDiscreteInputs(address, count)).data
  }
}

const BASIC_IDENTIFICATION = 1

async function identification(client: Client): Promise<Identification> {
  const { data } = await client.readDeviceIdentification(BASIC_IDENTIFICATION, 0)
  const [vendor, product, revision] = [0, 1, 2].map(object => data[object]?.trim() || undefined)
  return { vendor, product, revision }
}

function describe({ table, address, count }: ModbusRequest): string {
  return `${table} ${address}${count > 1 ? ` to ${address + count - 1}` : ''}`
}

function readFailure(error: Error & { modbusCode?: number; errno?: unknown }, what: string): Error {
  if (error instanceof ConnectionLost) return error
  if (error.modbusCode) return new ModbusException(error.modbusCode, `${what}: ${error.message}`)
  if (error.errno === 'ETIMEDOUT') return new ModbusTimeout(`${what}: no answer in time`)
  return new Error(`${what}: ${error.message}`)
}
