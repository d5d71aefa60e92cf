import { printable } from '../../../model/printable.ts'
import { rawToValue } from '../../../model/scale.ts'
import { unitLabel } from '../../../model/units.ts'
import type { Shown } from '../../display.ts'
import { formatPlace, registerNumber } from '../../drivers/modbus/registers.ts'
import type { Identification } from '../../drivers/modbus/transport.ts'
import { formatTable } from '../table.ts'
import { type Decoding, decodingsOf, fittingScales, SCALES, type Sighting } from './decodings.ts'
import type { Likeness } from './identify.ts'
import type { Run, Scan } from './scan.ts'

/** Words for a terminal; everything here is pure. */

const FIT = '*'

/**
 * Every decoding of registers side by side, a line each: how it is read, the registers in hexadecimal, and the value
 * by each scale. With a number off the display those that fit are marked and first.
 */
export function formatDecodings(registers: readonly number[], shown?: Shown): string {
  const decodings = decodingsOf(registers).map(decoding => ({
    decoding,
    fitting: shown ? fittingScales(decoding, shown) : [],
  }))
  const ordered = [
    ...decodings.filter(({ fitting }) => fitting.length > 0),
    ...decodings.filter(({ fitting }) => fitting.length === 0),
  ]
  const head = ['type', 'wordOrder', 'byteOrder', 'registers', ...SCALES.map(scale => `×${scale}`)]
  return formatTable([
    head,
    ...ordered.map(({ decoding, fitting }) => [
      ...layoutOf(decoding),
      ...SCALES.map(
        scale => shortNumber(rawToValue(decoding.raw, scale, 0)) + (fitting.includes(scale) ? FIT : ''),
      ),
    ]),
  ])
}

function layoutOf({ types, wordOrder, byteOrder, registers }: Decoding): string[] {
  return [types.join(' '), registers.length > 1 ? wordOrder : '', byteOrder, hex(registers)]
}

export function hex(registers: readonly number[]): string {
  return registers.map(register => register.toString(16).padStart(4, '0')).join(' ')
}

/** Twelve digits at most: beyond, columns say nothing any more. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** The places where the display's number stands. */
export function formatSightings(table: Run['table'], sightings: readonly Sighting[]): string {
  return formatTable([
    ['address', 'number', 'type', 'wordOrder', 'byteOrder', 'registers', 'scale', 'value'],
    ...sightings.map(({ address, decoding, scale }) => [
      String(address),
      registerNumber({ table, address }),
      ...layoutOf(decoding),
      String(scale),
      shortNumber(rawToValue(decoding.raw, scale, 0)),
    ]),
  ])
}

const PER_LINE = 8

/** The runs of a scan: eight registers, or 64 bits, a line with the address of the first. */
export function formatRuns({ runs }: Scan): string {
  return runs
    .map(({ table, address, data }) => {
      const last = address + data.length - 1
      const isBits = table === 'coil' || table === 'discrete'
      const perLine = isBits ? PER_LINE * 8 : PER_LINE
      const lines = Array.from({ length: Math.ceil(data.length / perLine) }, (_, line) => {
        const part = data.slice(line * perLine, (line + 1) * perLine)
        const at = address + line * perLine
        return [`  ${at}`, registerNumber({ table, address: at }), isBits ? part.join('') : hex(part)]
      })
      return `${formatPlace({ table, address })} to ${formatPlace({ table, address: last })}\n${formatTable(lines)}`
    })
    .join('\n')
}

export function formatIdentification({ vendor, product, revision }: Identification): string {
  return [vendor, product, revision && `revision ${revision}`]
    .filter(Boolean)
    .map(text => printable(text!))
    .join(', ')
}

const EXAMPLES = 4

/** A model and what it makes of the unit's registers. */
export function formatLikeness({ model, name, points, plausible }: Likeness): string {
  const examples = plausible.slice(0, EXAMPLES).map(({ point, value }) => {
    const label = unitLabel(point.unit)
    return `${point.name} ${value}${label && ` ${label}`}`
  })
  return `${model} (${name}): ${plausible.length} of ${points} points are plausible, such as ${examples.join(', ')}`
}
