import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Address } from '../../../model/address.ts'
import { framingOf } from '../../../registry/modbus-line.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { openLine } from './line.ts'
import { OwedAnswers } from './owed-answers.ts'
import { decodeIdentification, decodeRead, identifyQuestion, readQuestion } from './pdu.ts'
import type { ModbusRequest } from './plan-requests.ts'
import { RtuPort } from './rtu-port.ts'
import { TcpPort } from './tcp-port.ts'

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
   * @throws ModbusException (pdu.ts), ModbusTimeout, ConnectionLost, or Error for an answer that makes no sense.
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
  let asked: PromiseWithResolvers<Buffer> | undefined
  const answered = (answer: Buffer | Error) =>
    answer instanceof Error ? asked?.reject(answer) : asked?.resolve(answer)
  const isTcp = line.stream instanceof Socket && framingOf(connection) === 'tcp'
  const rtu = isTcp ? undefined : new RtuPort(line, owed, answered)
  const port = rtu ?? new TcpPort(line, answered)

  const lost = Promise.withResolvers<Error>()
  let cause: Error | undefined
  line.stream.on('error', error => (cause = error))
  line.stream.on('close', () => {
    const reason = cause ? cause.message : 'closed by the device'
    const error = new ConnectionLost(`connection to ${line.place} lost: ${reason}`)
    lost.resolve(error)
    asked?.reject(error)
    rtu?.close()
  })

  async function ask(unit: number, question: Buffer): Promise<Buffer> {
    if (rtu) await rtu.quiet()
    if (pause > 0) await wait(pause)
    if (!line.isOpen()) throw new ConnectionLost(`connection to ${line.place} lost`)
    asked = Promise.withResolvers<Buffer>()
    const { promise, reject } = asked
    const timer = setTimeout(() => {
      rtu?.awaitLate(timeout)
      reject(new ModbusTimeout('no answer in time'))
    }, timeout)
    try {
      port.ask(unit, question)
      return await promise
    } finally {
      clearTimeout(timer)
      asked = undefined
    }
  }

  /** Where the answer may be one that was owed: again, when no other may come. */
  async function askUntilSure(unit: number, question: Buffer): Promise<Buffer> {
    const answer = await ask(unit, question)
    if (!rtu?.isDoubtful) return answer
    await rtu.drain(timeout)
    return ask(unit, question)
  }

  async function identify(unit: number): Promise<Identification> {
    const all = new Map<number, string>()
    for (let object: number | undefined = 0; object !== undefined && !all.has(object); ) {
      const question = identifyQuestion(object)
      const { objects, next } = decodeIdentification(question, await askUntilSure(unit, question))
      for (const [number, text] of objects) all.set(number, text)
      object = next
    }
    const [vendor, product, revision] = [0, 1, 2].map(object => all.get(object)?.trim() || undefined)
    return { vendor, product, revision }
  }

  return {
    place: line.place,
    lost: lost.promise,
    async read(request) {
      try {
        const question = readQuestion(request)
        return decodeRead(request, question, await askUntilSure(request.unit, question))
      } catch (error) {
        throw inWords(error as Error, `unit ${request.unit}, ${describe(request)}`)
      }
    },
    async identify(unit) {
      try {
        return await identify(unit)
      } catch (error) {
        throw inWords(error as Error, `unit ${unit}, identification`)
      }
    },
    quiet: async () => rtu?.quiet(),
    close: () => line.close(),
  }
}

function describe({ table, address, count }: ModbusRequest): string {
  return `${table} ${address}${count > 1 ? ` to ${address + count - 1}` : ''}`
}

/** A failure with what was asked for; a lost connection concerns more than that. */
function inWords(error: Error, what: string): Error {
  if (!(error instanceof ConnectionLost)) error.message = `${what}: ${error.message}`
  return error
}
