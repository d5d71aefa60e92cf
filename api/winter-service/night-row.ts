import { escapeHtml, type Language } from '../page.ts'
import type { AnsweredEntry, AnsweredFact } from './entry-schema.ts'
import type { AnsweredLevel, AnsweredRow } from './night-schema.ts'
import type { NIGHT_TEXTS } from './night-texts.ts'

type Texts = (typeof NIGHT_TEXTS)[Language]
type Column = 'alert' | AnsweredFact['kind']

export interface RowContext {
  t: Texts
  language: Language
  /** The circuit that the row stands under. */
  circuit: string
  /** An instant as it is shown. */
  show(time: string): string
}

const HASH_PART = /.{16}/g
const COLUMNS: readonly Column[] = ['alert', 'condition', 'decision', 'treatment']
/** What stands behind the time of a row. */
const CELLS = [...COLUMNS, 'level', 'seal'] as const

/** The rows of a table, in order of time. */
export function rowsHtml(rows: readonly AnsweredRow[], context: RowContext): string {
  const names = CELLS.map(each => context.t.columns[each])
  let column: Column = 'condition'
  return rows
    .map(({ time, level, alert, response, entry }) => {
      // What withdraws an entry stands under it.
      if (entry) column = factOf(entry)?.kind ?? column
      const [place, html] = alert
        ? (['alert', alertHtml(alert, context)] as const)
        : response
          ? (['alert', responseHtml(response, context)] as const)
          : ([column, entryHtml(entry!, context)] as const)
      const { position, hash } = (alert ?? response ?? entry!).seal
      const cells = [
        ...COLUMNS.map(each => (each === place ? html : '')),
        escapeHtml(standingOf(level, context.t)),
        `${context.t.row(position)}<br><code>${hash.replace(HASH_PART, '$&<wbr>')}</code>`,
      ]
      const head = `<th scope="row">${context.show(time)}</th>`
      return `<tr>${head}${cells.map((cell, i) => `<td data-column="${names[i]}">${cell}</td>`).join('')}</tr>`
    })
    .join('\n')
}

function alertHtml(alert: NonNullable<AnsweredRow['alert']>, { t, language }: RowContext): string {
  const { type, message, site, before, decision, actor, id } = alert
  const isOpen = decision === null && type !== 'acknowledged' && type !== 'resolved'
  return [
    `<strong>${t.alertEvents[type]}</strong>${t.colon}${escapeHtml(message[language])}`,
    ...(isOpen ? [`<span class="open">${t.isOpen}</span>`] : []),
    `<small>${[site, id, t.by(actor), ...(before ? [t.before] : [])].map(escapeHtml).join(' · ')}</small>`,
  ].join('<br>')
}

function responseHtml(response: NonNullable<AnsweredRow['response']>, { t, show }: RowContext): string {
  const { kind, by, alert, received } = response
  const facts = [alert, t.by(by), t.received(show(received))].map(escapeHtml).join(' · ')
  return `<strong>${t.responses[kind]}</strong><br><small>${facts}</small>`
}

function factOf(entry: AnsweredEntry): AnsweredFact | null {
  return entry.kind === 'correction' ? entry.replacement : entry
}

function entryHtml(entry: AnsweredEntry, context: RowContext): string {
  const { t, show } = context
  const { author, received, correctedBy } = entry
  const fact = factOf(entry)
  const html = fact === null ? '' : factHtml(fact, context)
  const lines = [
    ...(entry.kind === 'correction'
      ? [`<em>${(fact ? t.correction : t.withdrawal)(show(entry.time), escapeHtml(entry.reason))}</em>`]
      : []),
    correctedBy === null ? html : `<del>${html}</del>`,
    ...(fact?.kind === 'treatment' ? fact.photos.map(hash => photoHtml(hash, context)) : []),
    ...(correctedBy === null ? [] : [`<strong>${t.corrected}</strong>`]),
    `<small>${escapeHtml(t.by(author))} · ${t.received(show(received))}</small>`,
  ]
  return lines.filter(Boolean).join('<br>')
}

/** Its hash stands beside it: the seal of the entry vouches for that. */
function photoHtml(hash: string, { t }: RowContext): string {
  const address = `/v1/winter-service/photos/${hash}`
  return `<a href="${address}"><img src="${address}" alt="${t.photo}" width="160" loading="lazy"></a><br><code>${hash.replace(HASH_PART, '$&<wbr>')}</code>`
}

function factHtml(fact: AnsweredFact, { t, circuit, show }: RowContext): string {
  const parts =
    fact.kind === 'condition'
      ? [`${fact.condition} (${t.conditions[fact.condition]})`, t.phenomena[fact.phenomenon], fact.section]
      : fact.kind === 'decision'
        ? [t.decisions[fact.decision], fact.reason, ...(fact.alert === null ? [] : [t.answers(fact.alert)])]
        : [
            t.products[fact.product],
            ...(fact.dosage === null ? [] : [`${fact.dosage} g/m²`]),
            t.until(show(fact.end)),
            fact.sections?.join(', ') ?? t.wholeCircuit,
            ...(fact.alert === null ? [] : [t.answers(fact.alert)]),
          ]
  const more = [
    ...(fact.remark === null ? [] : [fact.remark]),
    ...(fact.circuit === circuit ? [] : [t.elsewhere(fact.circuit)]),
  ]
  return [...parts, ...more].map(escapeHtml).join(' · ')
}

function standingOf({ state, serviceLevel }: AnsweredLevel, t: Texts): string {
  return [...(serviceLevel === null ? [] : [serviceLevel]), t.levelStates[state]].join(', ')
}

/** A service level in words, with what it promises while it is in force. */
export function levelText(level: AnsweredLevel, t: Texts): string {
  const { state, returnTimeSeconds, reference, minimum } = level
  if (state !== 'in-force') return standingOf(level, t)
  return [
    standingOf(level, t),
    ...(reference ? [t.reference(reference)] : []),
    ...(minimum ? [t.minimum(minimum)] : []),
    ...(returnTimeSeconds === null ? [] : [t.returnTime(String(returnTimeSeconds / 3600))]),
  ].join(' · ')
}
