import type { ModbusTable } from '../../../model/modbus.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { ModbusException } from './pdu.ts'
import { registerNumber } from './registers.ts'
import { ConnectionLost, ModbusTimeout } from './transport.ts'

/** A read of neighbouring registers or bits. */
export interface Question {
  unit: number
  table: ModbusTable
  address: number
  count: number
}

/** What came of a question: registers, or bits as 0 and 1; what the device says instead; or nothing. */
export type Answer =
  | { kind: 'data'; data: number[] }
  | { kind: 'exception'; code: number }
  /** To this question alone, where the unit answers others. */
  | { kind: 'silence'; isAlone?: boolean }
  | { kind: 'hang-up' }
  | { kind: 'nonsense'; message: string }

/** What an error of the transport says. */
export function answerOf(error: Error): Answer {
  if (error instanceof ModbusException) return { kind: 'exception', code: error.code }
  if (error instanceof ModbusTimeout)
    return error.cause instanceof ModbusException ? answerOf(error.cause) : { kind: 'silence' }
  if (error instanceof ConnectionLost) return { kind: 'hang-up' }
  return { kind: 'nonsense', message: error.message }
}

/** Whom the words are for: who probes sets options and looks again, who keeps a registry changes that. */
interface Reader {
  setting(name: string, value?: number): string
  /** How to ask the unit for more. */
  look(question: Question, flags: string): string
  /** How to see which units there are. */
  units: string
}

const PROBING: Reader = {
  setting: (name, value) => `--${name}${value === undefined ? '' : ` ${value}`}`,
  look: (_, flags) => flags,
  units: 'a probe without --unit',
}

function keeping({ place, connection }: Asked): Reader {
  const { serial, framing } = connection
  const line = serial
    ? `--serial ${place} --baud ${serial.baudRate} --parity ${serial.parity} --stop-bits ${serial.stopBits}`
    : `${place}${framing === 'rtu' ? ' --framing rtu' : ''}`
  const probe = `affluent probe modbus ${line}`
  return {
    setting: (name, value) => (value === undefined ? name : `${name}: ${value}`),
    look: ({ unit, table }, flags) =>
      `${probe} --unit ${unit}${table === 'holding' ? '' : ` --table ${table}`} ${flags}`,
    units: probe,
  }
}

/** MODBUS Application Protocol 1.1b3, 7: what each exception means on site, and what to do. */
const EXCEPTIONS: Readonly<Record<number, (question: Question, reader: Reader) => string>> = {
  1: ({ table }, { setting }) =>
    `it does not have the table ${table}; try another: holding, input, coil or discrete (${setting('table')})`,
  2: missingRegister,
  3: () => 'it does not take so many registers at once, or not from the middle of a value',
  4: () => 'it failed at it: look for a fault on its display, then try again',
  5: () => 'it needs longer for this: try again later',
  6: (_, { setting }) => `it is busy: try again with a longer ${setting('pause')}`,
  8: () => 'its memory is at fault: have the device looked at',
  10: () => 'the converter has no way to this unit: check which units its settings name',
  11: () =>
    'the converter hears nothing from this unit: check its unit number, its baud rate and parity, and the wires A and B',
}

const LAST_ADDRESS = 65_535

function missingRegister(question: Question, reader: Reader): string {
  const { table, count, address } = question
  const look = lookAround(question, reader)
  if (count > 1) return `it does not have all of these registers; ask for fewer, or ${look}`
  const number = registerNumber({ table, address })
  const asWritten =
    Number(number) <= LAST_ADDRESS
      ? `, ${reader.setting('address', Number(number))} where the number in the manual is the address`
      : ''
  return `the device has no such register; addresses count from 0 here, from 1 in many manuals: try ${reader.setting('address', Math.max(0, address - 1))}${asWritten}, or ${look}`
}

function lookAround(question: Question, { look }: Reader): string {
  const { address, count } = question
  const [from, to] = [Math.max(0, address - 20), Math.min(LAST_ADDRESS, address + count + 19)]
  return `see which it has: ${look(question, `--from ${from} --to ${to}`)}`
}

/** A line, and where it leads: `host:port`, or the path of a serial line. */
interface Asked {
  place: string
  connection: ModbusConnection
}

/** Why there is no data, in words for whoever stands before the device and probes it. */
export function explain(asked: Asked, question: Question, answer: Answer): string {
  return inWords(asked, question, answer, PROBING)
}

/** The same, in words for whoever keeps the registry of a gateway. */
export function explainPoint(asked: Asked, question: Question, answer: Answer): string {
  return inWords(asked, question, answer, keeping(asked))
}

function inWords({ place, connection }: Asked, question: Question, answer: Answer, reader: Reader): string {
  const who = `unit ${question.unit} on ${place}`
  const what = describe(question)
  switch (answer.kind) {
    case 'data':
      return `${who} answers for ${what}`
    case 'exception': {
      const meaning = EXCEPTIONS[answer.code]?.(question, reader) ?? 'see the manual of the device'
      return `${who} answers exception ${answer.code} for ${what}: ${meaning}`
    }
    case 'silence':
      return answer.isAlone
        ? `${who} does not answer for ${what}, and does for others; ${lookAround(question, reader)}`
        : `${who} does not answer for ${what} within ${connection.timeout} ms: ${silence(connection, reader)}`
    case 'hang-up':
      return `${who} closes the connection when asked for ${what}: it may serve one master at a time, so end the others (another gateway, the maker's tool)`
    case 'nonsense':
      return `${who} gives no sound answer for ${what} (${answer.message}): check the framing (${reader.setting('framing')} rtu for a converter that passes bytes on), the baud rate and the parity`
  }
}

function silence({ serial }: ModbusConnection, { setting, units }: Reader): string {
  const wires = serial ? 'its baud rate and parity, the wires A and B, ' : ''
  return `check its unit number (${units} lists those that answer), ${wires}or give a longer ${setting('timeout')}`
}

function describe({ table, address, count }: Question): string {
  const last = address + count - 1
  if (count === 1) return `${table} address ${address} (${registerNumber({ table, address })})`
  const [from, to] = [registerNumber({ table, address }), registerNumber({ table, address: last })]
  return `${table} addresses ${address} to ${last} (${from} to ${to})`
}
