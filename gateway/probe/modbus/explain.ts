import type { Answer, Probe, Question } from './probe.ts'
import { registerNumber } from './registers.ts'

/** MODBUS Application Protocol 1.1b3, 7: what each exception means on site, and what to do. */
const EXCEPTIONS: Readonly<Record<number, (question: Question) => string>> = {
  1: ({ table }) =>
    `it does not have the table ${table}; try another: holding, input, coil or discrete (--table)`,
  2: missingRegister,
  3: () => 'it does not take so many registers at once, or not from the middle of a value',
  4: () => 'it failed at it: look for a fault on its display, then try again',
  5: () => 'it needs longer for this: try again later',
  6: () => 'it is busy: try again with a longer --pause',
  8: () => 'its memory is at fault: have the device looked at',
  10: () => 'the converter has no way to this unit: check which units its settings name',
  11: () =>
    'the converter hears nothing from this unit: check its unit number, its baud rate and parity, and the wires A and B',
}

const LAST_ADDRESS = 65_535

function missingRegister({ table, count, address }: Question): string {
  const [from, to] = [Math.max(0, address - 20), Math.min(LAST_ADDRESS, address + 20)]
  const look = `see which it has: --from ${from} --to ${to}`
  if (count > 1) return `it does not have all of these registers; ask for fewer, or ${look}`
  const number = registerNumber({ table, address })
  const asWritten =
    Number(number) <= LAST_ADDRESS
      ? `, --address ${Number(number)} where the number in the manual is the address`
      : ''
  return `the device has no such register; addresses count from 0 here, from 1 in many manuals: try --address ${Math.max(0, address - 1)}${asWritten}, or ${look}`
}

/** Why there is no data, in words for whoever stands before the device. */
export function explain(
  probe: Pick<Probe, 'place' | 'connection'>,
  question: Question,
  answer: Answer,
): string {
  const { unit } = question
  const who = `unit ${unit} on ${probe.place}`
  switch (answer.kind) {
    case 'data':
      return `${who} answers for ${describe(question)}`
    case 'exception': {
      const meaning = EXCEPTIONS[answer.code]?.(question) ?? 'see the manual of the device'
      return `${who} answers exception ${answer.code} for ${describe(question)}: ${meaning}`
    }
    case 'silence':
      return `${who} does not answer for ${describe(question)} within ${probe.connection.timeout} ms: ${silence(probe)}`
    case 'hang-up':
      return `${who} closes the connection when asked for ${describe(question)}: it may serve one master at a time, so end the others (another gateway, the maker's tool)`
    case 'nonsense':
      return `${who} gives no sound answer for ${describe(question)} (${answer.message}): check the framing (--framing rtu for a converter that passes bytes on), the baud rate and the parity`
  }
}

function silence({ connection }: Pick<Probe, 'connection'>): string {
  const wires = connection.serial ? 'its baud rate and parity, the wires A and B, ' : ''
  return `check its unit number (a probe without --unit lists those that answer), ${wires}or give a longer --timeout`
}

function describe({ table, address, count }: Question): string {
  const last = address + count - 1
  if (count === 1) return `${table} address ${address} (${registerNumber({ table, address })})`
  const [from, to] = [registerNumber({ table, address }), registerNumber({ table, address: last })]
  return `${table} addresses ${address} to ${last} (${from} to ${to})`
}
