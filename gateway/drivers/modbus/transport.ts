import { once } from 'node:events'
import { connect } from 'node:net'
import modbus from 'modbus-serial'
import { type Address, formatAddress } from '../../../model/address.ts'
import type { ModbusRequest } from './plan-requests.ts'

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

/** One TCP connection, on which one request at a time is under way: devices lose replies with more. */
export interface Transport {
  /**
   * The registers, or the bits as 0 and 1. Not to be called before the last one has settled.
   * @throws ModbusException, ModbusTimeout, ConnectionLost, or Error for an answer that makes no sense.
   */
  read(request: ModbusRequest): Promise<number[]>
  readonly lost: Promise<Error>
  close(): void
}

/** @throws Error that names the address when it does not accept within the time. */
export async function connectTransport({ host, port }: Address, timeoutMs: number): Promise<Transport> {
  const place = formatAddress({ host, port })
  const socket = connect({ host, port, noDelay: true, keepAlive: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    socket.on('error', () => {}).destroy()
    throw new Error(`cannot connect to ${place}: ${connectFailure(error, timeoutMs)}`)
  }

  // modbus-serial neither reports a lost connection to requests under way nor connects again: the socket is ours.
  const client = new modbus.default()
  client.setTimeout(timeoutMs)
  await client.linkTCP(socket, { port })
  const lost = Promise.withResolvers<Error>()
  let abort = (_: Error) => {}
  let cause: Error | undefined
  socket.on('error', error => (cause = error))
  socket.on('close', () => {
    const reason = cause ? cause.message : 'closed by the device'
    const error = new ConnectionLost(`connection to ${place} lost: ${reason}`)
    lost.resolve(error)
    abort(error)
    // Ends the time-out of a request that nobody waits for any more.
    client.destroy(() => {})
  })

  return {
    lost: lost.promise,
    read: request =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new ConnectionLost(`connection to ${place} lost`))
        abort = reject
        client.setID(request.unit)
        answer(client, request).then(
          // Bits come in whole bytes.
          data => resolve(data.slice(0, request.count).map(Number)),
          error => reject(readFailure(error, request)),
        )
      }),
    close: () => socket.destroy(),
  }
}

async function answer(client: InstanceType<typeof modbus.default>, { table, address, count }: ModbusRequest) {
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
  const { unit, table, address, count } = request
  const what = `unit ${unit}, ${table} ${address}${count > 1 ? ` to ${address + count - 1}` : ''}`
  if (error.modbusCode) return new ModbusException(error.modbusCode, `${what}: ${error.message}`)
  if (error.errno === 'ETIMEDOUT') return new ModbusTimeout(`${what}: no answer in time`)
  return new Error(`${what}: ${error.message}`)
}

function connectFailure(error: unknown, timeoutMs: number): string {
  const { name, message } = error as Error
  return name === 'AbortError' ? `no answer within ${timeoutMs} ms` : message
}
