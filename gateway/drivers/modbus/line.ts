import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { isAbsolute } from 'node:path'
import { promisify } from 'node:util'
import type { SerialPort } from 'serialport'
import { type Address, formatAddress } from '../../../model/address.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'

/** Where a connection's bytes go: a TCP socket, or a serial line of this machine. */
export interface Line {
  place: string
  stream: Socket | SerialPort
  isOpen(): boolean
  close(): void
}

/** How soon it is seen that a serial line has gone. */
const LOOK_MS = 500

/**
 * Opens the line of a connection, or a TCP connection to an address in its place.
 * @throws Error that names the place when it does not open within the time.
 */
export async function openLine(
  { host, port, serial, timeout }: ModbusConnection,
  address?: Address,
): Promise<Line> {
  if (address) return connectTcp(address, timeout)
  return serial ? openSerial(serial) : connectTcp({ host: host!, port }, timeout)
}

async function connectTcp({ host, port }: Address, timeoutMs: number): Promise<Line> {
  const place = formatAddress({ host, port })
  const socket = connect({ host, port, noDelay: true, keepAlive: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    socket.on('error', () => {}).destroy()
    const { name, message } = error as Error
    const reason = name === 'AbortError' ? `no answer within ${timeoutMs} ms` : message
    throw new Error(`cannot connect to ${place}: ${reason}`)
  }
  return { place, stream: socket, isOpen: () => !socket.destroyed, close: () => socket.destroy() }
}

async function openSerial(options: NonNullable<ModbusConnection['serial']>): Promise<Line> {
  const serialport = await import('serialport')
  const port = new serialport.SerialPort({ ...options, autoOpen: false })
  try {
    await promisify(port.open.bind(port))()
  } catch (error) {
    const { message } = error as Error
    throw new Error(`cannot open the serial line ${options.path}: ${message.replace(/^Error:? ?/, '')}`)
  }
  // Whatever goes wrong while it is closed: it is gone.
  const close = () => void (port.isOpen && port.close(() => {}))
  // That the line has gone would be told with whatever happens next, see RtuPort. And where it goes between two looks
  // of serialport, that reads nothing for ever; its name is gone then, except on Windows, where names are no files.
  const watching = setInterval(() => {
    if (isAbsolute(options.path) && !existsSync(options.path)) close()
  }, LOOK_MS)
  port.once('close', () => clearInterval(watching))
  return { place: options.path, stream: port, isOpen: () => port.isOpen, close }
}
