import { type Alert, changesOf } from '../../model/alert.ts'
import { replyCodeOf } from '../../model/reply-code.ts'
import type { Language } from '../page.ts'

const TEXTS = {
  fr: {
    which: "Rien n'est encore pris en charge.",
    changed: "L'alerte a changé depuis ce message : elle n'est pas prise en charge.",
    over: 'Cette alerte est terminée.',
    nothing: 'Aucune alerte à prendre en charge.',
    unread: "Réponse non comprise, rien n'est pris en charge.",
    silent: "La prise en charge n'a pas pu être enregistrée. Répondre de nouveau.",
    reply: 'Répondre',
    more: (count: number) => `et ${count} autres`,
  },
  en: {
    which: 'Nothing is acknowledged yet.',
    changed: 'The alert has changed since this message: it is not acknowledged.',
    over: 'This alert is over.',
    nothing: 'There is no alert to acknowledge.',
    unread: 'Reply not understood, nothing is acknowledged.',
    silent: 'The acknowledgement could not be noted. Reply again.',
    reply: 'Reply',
    more: (count: number) => `and ${count} more`,
  },
} as const

export type Unsettled = 'which' | 'changed' | 'over' | 'nothing' | 'unread' | 'silent'

/** So many an SMS has room for. */
const NAMED = 3

/** What whoever answered is told of what it has not done, and by which code each open alert is acknowledged. */
export function unsettledText(outcome: Unsettled, open: readonly Alert[], language: Language): string {
  const t = TEXTS[language]
  if (open.length === 0) return t[outcome]
  const named = open
    .slice(0, NAMED)
    .map(alert => `OK ${replyCodeOf(alert.id, changesOf(alert))} (${alert.message[language]})`)
  const more = open.length > NAMED ? [t.more(open.length - NAMED)] : []
  return `${t[outcome]} ${t.reply} ${[...named, ...more].join(', ')}`
}
