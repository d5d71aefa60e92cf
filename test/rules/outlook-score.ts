import type { AlertEvent } from '../../model/alert.ts'
import { OUTLOOK_MS } from '../../model/road-outlook.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'

/** Times in ms. */
interface Spell {
  from: number
  /** The last moment of it. */
  to: number
}

export interface Score {
  /** How often ice or hoar began, and when without being told ahead, ms UTC. */
  onsets: number
  missed: number[]
  warnings: number
  falseAlarms: number
  /** How long ahead, of each hit, ms. */
  leads: number[]
}

/** A warning that is away for no longer goes on. */
const PAUSE_MS = HOUR_MS / 2

/** When a rule began to tell ice or hoar, from neither. */
export function onsetsOf(events: readonly AlertEvent[]): number[] {
  const tells = (event: AlertEvent | undefined) =>
    event !== undefined && event.type !== 'resolved' && ['ice', 'hoar'].includes(event.alert.phenomenon ?? '')
  return events.filter((event, i) => tells(event) && !tells(events[i - 1])).map(({ time }) => time)
}

/** When WATCH was told before any danger. */
export function watchesOf(events: readonly AlertEvent[]): Spell[] {
  return events.flatMap(({ type, alert, time }, i) =>
    type === 'fired' && alert.phenomenon === 'watch' ? [{ from: time, to: events[i + 1]?.time ?? time }] : [],
  )
}

/** From when each alert fired until it was resolved. */
export function livesOf(events: readonly AlertEvent[]): Spell[] {
  const ends = events.filter(({ type }) => type === 'resolved')
  const fired = events.filter(({ type }) => type === 'fired')
  return fired.map(({ time }, i) => ({ from: time, to: ends[i]?.time ?? Number.POSITIVE_INFINITY }))
}

/** Moments of one warning after the other. */
export function spellsOf(moments: readonly number[]): Spell[] {
  const spells: Spell[] = []
  for (const time of moments) {
    const last = spells.at(-1)
    if (last && time - last.to <= PAUSE_MS) last.to = time
    else spells.push({ from: time, to: time })
  }
  return spells
}

/**
 * Holds warnings against what then began. An onset is hit by a warning that stood within half an hour before it; a
 * warning is false where none began while it stood, or within three hours after.
 */
export function scoreOf(onsets: readonly number[], warnings: readonly Spell[]): Score {
  const ahead = (onset: number) => warnings.find(({ from, to }) => from < onset && to >= onset - PAUSE_MS)
  const leads = onsets.flatMap(onset => {
    const warning = ahead(onset)
    return warning ? [Math.min(onset - warning.from, OUTLOOK_MS)] : []
  })
  const isTrue = ({ from, to }: Spell) => onsets.some(onset => onset > from && onset <= to + OUTLOOK_MS)
  return {
    onsets: onsets.length,
    missed: onsets.filter(onset => !ahead(onset)),
    warnings: warnings.length,
    falseAlarms: warnings.filter(warning => !isTrue(warning)).length,
    leads,
  }
}

export function sumOf(scores: readonly Score[]): Score {
  const sum = (of: (score: Score) => number) => scores.reduce((total, score) => total + of(score), 0)
  return {
    onsets: sum(({ onsets }) => onsets),
    missed: scores.flatMap(({ missed }) => missed),
    warnings: sum(({ warnings }) => warnings),
    falseAlarms: sum(({ falseAlarms }) => falseAlarms),
    leads: scores.flatMap(({ leads }) => leads),
  }
}

/** Share of the onsets that were told ahead, and of the warnings that were false. */
export const detected = ({ leads, onsets }: Score) => leads.length / onsets
export const falseShare = ({ falseAlarms, warnings }: Score) => falseAlarms / warnings
export const medianLead = ({ leads }: Score) => leads.toSorted((a, b) => a - b)[leads.length >> 1]!

/** A row of the table in the documentation. */
export function rowOf(name: string, score: Score): string {
  const { leads, missed, warnings, falseAlarms } = score
  const lead = `${Math.round(medianLead(score) / MINUTE_MS)} min`
  const shares = [detected(score), falseShare(score)].map(share => share.toFixed(2))
  return `| ${[name, leads.length, missed.length, shares[0], lead, warnings, falseAlarms, shares[1]].join(' | ')} |`
}
