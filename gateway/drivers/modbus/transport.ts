import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import modbus from 'modbus-serial'
import type { Address } from '../../../model/address.ts'
import { framingOf } from '../../../registry/modbus-line.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { type Line, openLine } from './line.ts'
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

/** One line, on which one request at a time is under way: devices lose replies with more. */
export interface Transport {
  /**
   * The registers, or the bits as 0 and 1. Not to be called before the last one has settled.
   * @throws ModbusException, ModbusTimeout, ConnectionLost, or Error for an answer that makes no sense.
   */
  read(request: ModbusRequest): Promise<number[]>
  readonly lost: Promise<Error>
  close(): void
}

/** @throws Error that names the place when it does not open, or the address does not accept within the time. */
export async function connectTransport(connection: ModbusConnection, address?: Address): Promise<Transport> {
  const { timeout, pause } = connection
  const line = await openLine(connection, address)
  const { client, rtu } = await openClient(line, connection)
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

  async function ask(request: ModbusRequest): Promise<number[]> {
    await rtu?.quiet()
    if (pause > 0) await wait(pause)
    if (!line.isOpen()) throw new ConnectionLost(`connection to ${line.place} lost`)
    client.setID(request.unit)
    try {
      // Bits come in whole bytes.
      return (await answer(client, request)).slice(0, request.count).map(Number)
    } catch (error) {
      const failure = readFailure(error as Error, request)
      if (failure instanceof ModbusTimeout) rtu?.awaitLate(timeout)
      throw failure
    }
  }

  return {
    lost: lost.promise,
    read: request =>
      new Promise((resolve, reject) => {
        abort = reject
        ask(request).then(resolve, reject)
      }),
    close: () => line.close(),
  }
}

type Client = InstanceType<typeof modbus.default>

/** modbus-serial neither reports a lost connection to requests under way nor connects again: the line is ours. */
async function openClient(
  line: Line,
  connection: ModbusConnection,
): Promise<{ client: Client; rtu?: RtuPort }> {
  const { stream } = line
  if (stream instanceof Socket && framingOf(connection) === 'tcp') {
    const client = new modbus.default()
    await client.linkTCP(stream, { port: stream.remotePort! })
    return { client }
  }
  const rtu = new RtuPort(line)
  const client = new modbus.default(rtu)
  client.open(() => {})
  return { client, rtu }
}

async function answer(client: Client, { table, address, count }: ModbusRequest) {
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

function readFailure(error: Error & { modbusCode?: number; errno?: unknown }, request: ModbusRequest): Error {
  if (error instanceof ConnectionLost) return error
  const { unit, table, address, count } = request
  const what = `unit ${unit}, ${table} ${address}${count > 1 ? ` to ${address + count - 1}` : ''}`
  if (error.modbusCode) return new ModbusException(error.modbusCode, `${what}: ${error.message}`)
  if (error.errno === 'ETIMEDOUT') return new ModbusTimeout(`${what}: no answer in time`)
  return new Error(`${what}: ${error.message}`)
}
