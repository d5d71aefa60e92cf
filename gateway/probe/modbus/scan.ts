import type { Clock } from '../../../model/clock.ts'
import { isBitTable, type ModbusTable } from '../../../model/modbus.ts'
import type { Answer, Question } from '../../drivers/modbus/explain.ts'
import { ABSENT, type Probe } from './probe.ts'

/** Powers of two, so that halves begin where values do; small devices take no more at once. */
const LARGEST_READ = 64
const LARGEST_BIT_READ = 1024
/** Some devices give a value as a whole or not at all: where one register is refused, two and four are tried. */
const WHOLE_VALUES = [1, 2, 4]

const ILLEGAL_FUNCTION = 1
const REFUSALS = [2, 3]
/** Questions in a row without an answer, after which the unit is taken for dead. */
const SILENT_IN_A_ROW = 3

/** Neighbouring addresses that answer. */
export interface Run {
  table: ModbusTable
  address: number
  data: number[]
}

export interface Scan {
  runs: Run[]
  /** Addresses asked for alone and in vain. */
  refused: number
  /** Why not all addresses were asked for: the time was up at one of them, or the unit answered so to a question. */
  ended?: { why: 'time'; address: number } | { why: 'answer'; question: Question; answer: Answer }
}

export interface ScanOptions {
  unit: number
  table: ModbusTable
  /** From 0; `to` is the last one. */
  from: number
  to: number
  /** How long it may take, ms. */
  budget: number
  clock: Clock
  progress: (address: number, done: number) => void
}

/**
 * Which addresses of a table answer, and what. What is refused is asked for by halves until only those at fault are
 * left; among them it goes on one by one, and grows again with what answers.
 */
export async function scan(probe: Pick<Probe, 'ask'>, options: ScanOptions): Promise<Scan> {
  const { unit, table, from, to, budget, clock, progress } = options
  const largest = isBitTable(table) ? LARGEST_BIT_READ : LARGEST_READ
  const smallest = isBitTable(table) ? [1] : WHOLE_VALUES
  const end = clock.elapsed() + budget
  const found: Scan = { runs: [], refused: 0 }
  let size = largest
  /** Where larger reads have been tried already. */
  let halvedAt = -1
  let silent = 0

  for (let address = from; address <= to; ) {
    const left = to - address + 1
    let taken = 0
    const sizes = size > 1 ? [size] : address === halvedAt ? [1] : smallest
    for (const count of sizes.filter(count => count === 1 || count <= left)) {
      if (clock.elapsed() >= end) return { ...found, ended: { why: 'time', address } }
      progress(address, (address - from) / (to - from + 1))
      const question = { unit, table, address, count }
      const answer = await probe.ask(question)
      silent = isSilence(answer) ? silent + 1 : 0
      if (answer.kind === 'data') {
        addRun(found.runs, { table, address, data: answer.data })
        taken = count
        break
      }
      if (answer.kind === 'exception' && answer.code === ILLEGAL_FUNCTION)
        return { ...found, ended: { why: 'answer', question, answer } }
      if (silent >= SILENT_IN_A_ROW) return { ...found, ended: { why: 'answer', question, answer } }
      // Another exception than a refusal says nothing of larger reads.
      if (size === 1 && !(answer.kind === 'exception' && REFUSALS.includes(answer.code))) break
    }
    if (taken > 0) {
      address += taken
      size = Math.min(largest, taken * 2)
    } else if (size > 1) {
      size /= 2
      halvedAt = address
    } else {
      found.refused++
      address++
    }
  }
  return found
}

function addRun(runs: Run[], run: Run): void {
  const last = runs.at(-1)
  if (last && last.address + last.data.length === run.address) last.data.push(...run.data)
  else runs.push(run)
}

function isSilence(answer: Answer): boolean {
  if (answer.kind === 'exception') return ABSENT.includes(answer.code)
  return answer.kind === 'silence' || answer.kind === 'hang-up'
}
