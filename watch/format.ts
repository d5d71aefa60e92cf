import type { ConnectionStatus, SenderStatus } from '../model/delivery.ts'
import { printable } from '../model/printable.ts'
import { qualityOf } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { unitLabel } from '../model/units.ts'
import type { Point } from '../registry/registry.ts'
import type { Board, PointState } from './board.ts'

/** A board as lines for a terminal; everything here is pure. */

/** A point of which nothing came for so many of its intervals, and a little, has fallen silent. */
const SILENT_INTERVALS = 2
const SLACK_MS = 5000

export interface Screen {
  columns: number
  rows: number
}

/** What fits on the screen: the rate, each sender with its outbox and connections, then the points, the worst first. */
export function formatBoard(board: Board, heading: string, now: number, { columns, rows }: Screen): string[] {
  const states = [...board.points.values()]
  const judged = states.map(state => ({ state, ...judge(state, now) }))
  const count = (rank: number) => judged.filter(found => found.rank === rank).length
  const head = [
    `${heading}  ${board.rate().toFixed(1)} readings/s  ${states.length} points: ${count(0)} bad, ${count(1)} silent, ${count(2)} not heard yet`,
    ...[...board.senders.values()].filter(isOfInterest).flatMap(status => formatStatus(status, now)),
    '',
  ]
  const ordered = judged.toSorted((a, b) => a.rank - b.rank)
  const room = Math.max(1, rows - head.length - 1)
  const shown = ordered.length <= room ? ordered : ordered.slice(0, room - 1)
  const widest = Math.max(0, ...shown.map(({ state }) => state.point.id.length))
  const lines = shown.map(({ state, words }) => {
    const { point, newest, readings, bad } = state
    const age = newest ? formatAge(now - newest.time) : ''
    const faults = bad > 0 ? `${bad} of ${readings} bad` : ''
    return `${point.id.padEnd(widest)}  ${words.padEnd(24)}  ${age.padStart(8)}  ${faults}`
  })
  if (shown.length < ordered.length) lines.push(`and ${ordered.length - shown.length} more`)
  return [...head, ...lines].map(line => printable(line.trimEnd(), columns - 1))
}

function judge({ point, newest }: PointState, now: number): { rank: number; words: string } {
  if (!newest) return { rank: 2, words: 'nothing yet' }
  if (qualityOf(newest.quality) === 'bad') return { rank: 0, words: newest.quality }
  const doubt = qualityOf(newest.quality) === 'uncertain' ? ` (${newest.quality})` : ''
  const words = formatValue(point, newest) + doubt
  const silent = SILENT_INTERVALS * point.dueWithin + SLACK_MS
  return { rank: now - newest.time > silent ? 1 : 3, words }
}

/** A reading in one line, where lines are kept. */
export function formatReading(point: Point, reading: Reading): string {
  const words = reading.value === null ? '' : ` ${formatValue(point, reading)}`
  return `${new Date(reading.time).toISOString()} ${reading.point}${words} ${reading.quality}`
}

function formatValue({ unit }: Point, { value }: Reading): string {
  const label = typeof value === 'number' ? unitLabel(unit) : ''
  return `${value}${label && ` ${label}`}`
}

/** Whoever keeps readings, or reads them. */
export function isOfInterest({ outbox, connections }: SenderStatus): boolean {
  return outbox !== undefined || connections !== undefined
}

function formatStatus(status: SenderStatus, now: number): string[] {
  const connections = Object.entries(status.connections ?? {})
  return [
    formatSender(status),
    ...connections.map(([id, connection]) => {
      const { lastReading } = connection
      const last = lastReading === undefined ? '' : ` (last reading ${formatAge(now - lastReading)} ago)`
      return `  ${id}: ${formatConnection(connection)}${last}`
    }),
  ]
}

/** A sender with what waits in its outbox. */
export function formatSender(status: SenderStatus): string {
  return `${status.sender}: ${status.online ? 'online' : 'offline'}${formatOutbox(status)}`
}

/** A connection with what is wrong with it. */
export function formatConnection({ state, error }: ConnectionStatus): string {
  return error === undefined ? state : `${state}: ${error}`
}

function formatOutbox({ waiting = {}, outbox }: SenderStatus): string {
  if (!outbox) return ''
  const held = Object.values(waiting).reduce((sum, count) => sum + count, 0)
  const left = Object.values(outbox.streams).flatMap(({ timeLeftMs }) => timeLeftMs ?? [])
  const suffices = left.length > 0 ? `, suffices for ${formatAge(Math.min(...left))}` : ''
  return `, ${held} readings wait, outbox ${(outbox.share * 100).toFixed(1)} % full${suffices}`
}

/** `3 s`, `12 min`, `5 h`, `9 d`. */
function formatAge(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.round(ms / 1000))} s`
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`
  return ms < 2 * DAY_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / DAY_MS)} d`
}
