import type { Clock } from '../../../model/clock.ts'
import { isBitTable, type ModbusTable } from '../../../model/modbus.ts'
import type { DeviceFiles } from '../../../registry/device-files.ts'
import { parseShown } from '../../display.ts'
import { type Answer, explain } from '../../drivers/modbus/explain.ts'
import { formatPlace, type Place } from '../../drivers/modbus/registers.ts'
import type { Talk } from '../talk.ts'
import { decodingsOf, findShown, fittingScales, LONGEST_VALUE, type Sighting } from './decodings.ts'
import { findUnits, seemOne } from './find-units.ts'
import { identify, type Likeness } from './identify.ts'
import type { Probe } from './probe.ts'
import { readValue } from './read-value.ts'
import {
  formatDecodings,
  formatIdentification,
  formatLikeness,
  formatRuns,
  formatSightings,
} from './report.ts'
import { scan } from './scan.ts'

/** What an installer asks of a line, told as it is found. Each throws as {@link Probe} does. */

export interface UnitRange {
  from: number
  to: number
}

/** The units that are there; of a device that answers by any number, the first. */
export async function listUnits(
  probe: Probe,
  { from, to }: UnitRange,
  { say, step }: Talk,
): Promise<number[]> {
  const { timeout, pause } = probe.connection
  const seconds = Math.ceil(((to - from + 1) * (timeout + pause)) / 1000)
  say(`Asking units ${from} to ${to} on ${probe.place}: ${seconds} s at most; Ctrl-C ends it.`)
  const found = []
  const progress = (_: number, done: number) => step(`Units ${from} to ${to}`, done)
  for await (const { unit, answer } of findUnits(probe, { from, to, progress })) {
    found.push({ unit, answer })
    const itself = await probe.identify(unit)
    say(`unit ${unit} answers${howOf(answer)}${itself ? `: ${formatIdentification(itself)}` : ''}`)
  }
  if (found.length === 0) say(nobody(probe))
  if (!seemOne(found)) return found.map(({ unit }) => unit)
  say('They all answer alike: most likely one device that does not look at the unit number.')
  return [found[0]!.unit]
}

/** The highest of the exceptions by which a device says that it understood the question. */
const ILLEGAL_VALUE = 3

function howOf(answer: Answer): string {
  if (answer.kind === 'nonsense') return ' what makes no sense: check the baud rate, the parity and --framing'
  if (answer.kind !== 'exception' || answer.code <= ILLEGAL_VALUE) return ''
  return ` exception ${answer.code}, which servers also answer for units that they do not have`
}

function nobody({ place, connection }: Probe): string {
  const check = connection.serial
    ? 'check the baud rate, the parity, the wires A and B, and that nothing else uses the line'
    : 'check that this is the Modbus port of the device; some devices want --units 255, and a converter that passes bytes on --framing rtu'
  return `No unit answers on ${place} within ${connection.timeout} ms: ${check}.`
}

/** The models that a unit may be, the likeliest first. */
export async function nameUnit(
  probe: Probe,
  { unit, library, now }: { unit: number; library: DeviceFiles; now: () => number },
  { say, step }: Talk,
): Promise<Likeness[]> {
  const identification = await probe.identify(unit)
  if (identification) say(`unit ${unit} says that it is ${formatIdentification(identification)}`)
  const progress = (_: string, done: number) => step(`Trying ${library.size} models on unit ${unit}`, done)
  const likely = await identify(probe, { unit, library, identification, now, progress })
  if (likely.length === 0)
    say(`unit ${unit} is like none of the ${library.size} models; see what it has: --unit ${unit}`)
  else say(`unit ${unit} may be, the likeliest first:`)
  for (const likeness of likely) say(`  ${formatLikeness(likeness)}`)
  return likely
}

/**
 * Every decoding of a register; returns those that are what the display shows, the likeliest first.
 * @throws Error that says why the unit gives nothing there.
 */
export async function showRegister(
  probe: Probe,
  { unit, place, shows }: { unit: number; place: Place; shows?: string },
  { say }: Talk,
): Promise<Pick<Sighting, 'decoding' | 'scale'>[]> {
  const shown = shows === undefined ? undefined : parseShown(shows)
  const most = Math.min(isBitTable(place.table) ? 1 : LONGEST_VALUE, 65_536 - place.address)
  const { question, answer } = await readValue(probe, { unit, ...place, count: most })
  if (answer.kind !== 'data') throw new Error(explain(probe, question, answer))
  const [first] = answer.data as [number]
  const where = `unit ${unit}, ${formatPlace(place)}`
  if (isBitTable(place.table)) {
    say(`${where}: ${first}`)
    return []
  }
  say(`${where}; bits 15 to 0: ${first.toString(2).padStart(16, '0')}`)
  say(formatDecodings(answer.data, shown))
  if (!shown) return []
  const fitting = decodingsOf(answer.data).flatMap(decoding =>
    fittingScales(decoding, shown).map(scale => ({ decoding, scale })),
  )
  const { from, to } = around(place.address)
  if (fitting.length > 0) say(`* is what shows as ${shows}`)
  else
    say(
      `Nothing here shows as ${shows}; look around: --unit ${unit} --from ${from} --to ${to} --shows ${shows}`,
    )
  return fitting
}

const AROUND = 100

function around(address: number): UnitRange {
  return { from: Math.max(0, address - AROUND), to: Math.min(65_535, address + AROUND) }
}

/** Numbers with few digits stand in many places. */
const SIGHTINGS = 20

/** What a table has in a range, or where the number off the display stands in it; returns in how many places it does. */
export async function scanTable(
  probe: Probe,
  options: {
    unit: number
    table: ModbusTable
    from: number
    to: number
    budget: number
    clock: Clock
    shows?: string
  },
  { say, step }: Talk,
): Promise<number> {
  const { unit, table, from, to, shows } = options
  const range = `${table} ${from} to ${to}`
  const progress = (_: number, done: number) => step(`Scanning ${range}`, done)
  const found = await scan(probe, { ...options, progress })
  const { runs, ended } = found
  const sightings =
    shows === undefined ? [] : runs.flatMap(run => findShown(run.address, run.data, parseShown(shows)))
  if (runs.length === 0 && !ended) say(`unit ${unit} has nothing in ${range}`)
  else if (shows === undefined) {
    if (runs.length > 0) say(formatRuns(found))
  } else {
    if (sightings.length === 0) say(`${shows} stands nowhere in what ${range} has`)
    else say(formatSightings(table, sightings.slice(0, SIGHTINGS)))
    if (sightings.length > SIGHTINGS)
      say(`and in ${sightings.length - SIGHTINGS} more places: a number with more digits fits fewer`)
  }
  if (ended?.why === 'time')
    say(`The time was up: go on with --table ${table} --from ${ended.address}, or give a longer --budget`)
  else if (ended) say(explain(probe, ended.question, ended.answer))
  return sightings.length
}
