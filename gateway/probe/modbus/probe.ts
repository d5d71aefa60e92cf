import { formatAddress } from '../../../model/address.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { type Answer, answerOf, type Question } from '../../drivers/modbus/explain.ts'
import { connectTransport, type Identification, type Transport } from '../../drivers/modbus/transport.ts'
import { orAborted } from '../or-aborted.ts'

/** Exceptions by which a converter says of a unit that it cannot reach it. */
export const ABSENT: readonly number[] = [10, 11]

/** Asks one line, one question at a time and with a pause before each, and never gives up by itself. */
export interface Probe {
  /** `host:port`, or the path of the serial line. */
  place: string
  connection: ModbusConnection
  /** @throws Error when the place cannot be connected to any more, or an AbortError. */
  ask(question: Question): Promise<Answer>
  /** What the unit says of itself; undefined where it says nothing. Throws as {@link ask}. */
  identify(unit: number): Promise<Identification | undefined>
  close(): void
}

/**
 * Connects to a line by the driver's own transport.
 * @throws Error that names the place when it does not open; an AbortError as soon as the signal says so.
 */
export async function openProbe(connection: ModbusConnection, signal: AbortSignal): Promise<Probe> {
  let transport: Transport | undefined
  let isClosed = false
  signal.addEventListener('abort', close)

  function close() {
    isClosed = true
    signal.removeEventListener('abort', close)
    transport?.close()
  }

  async function connect(): Promise<Transport> {
    const opened = await connectTransport(connection)
    if (isClosed) opened.close()
    return opened
  }

  async function connected(): Promise<Transport> {
    if (transport) return transport
    const opened = await orAborted(connect, signal)
    transport = opened
    opened.lost.then(() => (transport = undefined))
    return opened
  }

  async function attempt<T>(work: (transport: Transport) => Promise<T>): Promise<T | Answer> {
    const current = await connected()
    try {
      return await work(current)
    } catch (error) {
      signal.throwIfAborted()
      return answerOf(error as Error)
    }
  }

  await connected()
  return {
    place: connection.serial?.path ?? formatAddress({ host: connection.host!, port: connection.port }),
    connection,
    ask: question =>
      attempt(async current => ({ kind: 'data', data: await current.read({ ...question, points: [] }) })),
    async identify(unit) {
      const answer = await attempt(current => current.identify(unit))
      return 'kind' in answer || Object.values(answer).every(text => text === undefined) ? undefined : answer
    },
    close,
  }
}
