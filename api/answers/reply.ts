import { type Alert, changesOf, isShelved } from '../../model/alert.ts'
import { REPLY_CODE, replyCodeOf } from '../../model/reply-code.ts'
import { MINUTE_MS } from '../../model/time.ts'

/** What people write who take an alert in charge, without accents, spaces and punctuation. */
const WORDS = [
  ...['OK', 'OKAY', 'OKE', 'OUI', 'DACCORD', 'PRIS', 'PRISE', 'JEPRENDS', 'JYVAIS'],
  ...['PRISENCHARGE', 'PRISEENCHARGE', 'JEPRENDSENCHARGE', 'JEMENOCCUPE', 'ACQUITTE', 'ACQUITTEE'],
  ...['YES', 'ACK', 'ACKNOWLEDGE', 'ACKNOWLEDGED', 'TAKEN', 'ONIT', 'IMONIT', 'IMGOING'],
]
const REPLY = new RegExp(`^(?<word>${WORDS.join('|')})?(?<code>${REPLY_CODE.source})?(?:MERCI|THANKS)?$`)
/** No reply is longer; what follows is a signature or a quotation, and says something else. */
const LONGEST = 100

/** An alert that was told to whoever answers. */
export interface ToldAlert {
  alert: Alert
  /** How many times it had changed each time it was told, and whether that has arrived. */
  told: readonly { change: number; delivered: boolean }[]
}

/** What an answer comes to: an alert that it acknowledges as it is now, or why it acknowledges none. */
export type Verdict =
  | { outcome: 'acknowledge'; alert: Alert }
  | { outcome: 'acknowledged' | 'which' | 'changed' | 'over' | 'nothing' | 'unread' }

/** So long a message is on its way, and an answer to the one before it. */
const CROSSING_MS = 2 * MINUTE_MS
/** Within such a time the same once more is a repeat of the gateway, and no answer to something else. */
const REPEAT_MS = 10 * MINUTE_MS

/** Whether a text takes an alert in charge, and which: undefined for every other text. */
export function readReply(text: string): { code?: string } | undefined {
  if (text.length > LONGEST) return undefined
  const compact = text
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
  const { word, code } = REPLY.exec(compact)?.groups ?? {}
  if (code) return { code }
  return word ? {} : undefined
}

/** Those that still are to be acknowledged. */
export function openOf(known: readonly ToldAlert[]): Alert[] {
  return known.map(({ alert }) => alert).filter(alert => alert.state === 'firing' && !isShelved(alert))
}

/**
 * What an answer comes to.
 * @param known what was told to whoever answers
 * @param names by which their acknowledgements are known
 */
export function weighReply(
  text: string,
  known: readonly ToldAlert[],
  { names, now }: { names: readonly string[]; now: number },
): Verdict {
  const reply = readReply(text)
  if (!reply) return { outcome: 'unread' }
  return reply.code === undefined ? weighWord(known, { names, now }) : weighCode(reply.code, known)
}

function weighCode(code: string, known: readonly ToldAlert[]): Verdict {
  const meant = known.filter(each => changesBy(code, each).length > 0)
  const [first, ...others] = meant.filter(({ alert }) => alert.state === 'firing')
  if (others.length > 0) return { outcome: 'which' }
  if (first) {
    const { alert } = first
    return changesBy(code, first).every(change => change === changesOf(alert))
      ? { outcome: 'acknowledge', alert }
      : { outcome: 'changed' }
  }
  if (meant.length === 0) return { outcome: openOf(known).length > 0 ? 'which' : 'nothing' }
  return { outcome: meant.some(({ alert }) => alert.state === 'acknowledged') ? 'acknowledged' : 'over' }
}

/** After how many changes an alert had a code. */
function changesBy(code: string, { alert, told }: ToldAlert): number[] {
  const changes = new Set([...told.map(({ change }) => change), changesOf(alert)])
  return [...changes].filter(change => replyCodeOf(alert.id, change) === code)
}

/** Without a code it must be plain what is meant: one alert, as it was told, and nothing that was answered just now. */
function weighWord(
  known: readonly ToldAlert[],
  { names, now }: { names: readonly string[]; now: number },
): Verdict {
  const wasJustDone = known.some(
    ({ alert: { acknowledgedAt, acknowledgedBy } }) =>
      acknowledgedAt !== undefined && names.includes(acknowledgedBy!) && now - acknowledgedAt < REPEAT_MS,
  )
  const [alert, ...others] = openOf(known)
  if (!alert) return { outcome: wasJustDone ? 'acknowledged' : 'nothing' }
  const { told } = known.find(each => each.alert === alert)!
  const change = changesOf(alert)
  const isTold = told.some(each => each.change === change && each.delivered)
  const mayCross = told.some(each => each.change !== change) && now - (alert.change?.time ?? 0) < CROSSING_MS
  const isPlain = others.length === 0 && isTold && !mayCross && !wasJustDone
  return isPlain ? { outcome: 'acknowledge', alert } : { outcome: 'which' }
}
