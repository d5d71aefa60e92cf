import type { Alert } from '../../model/alert.ts'
import { mapLink } from '../../model/map-link.ts'
import type { Registry } from '../../registry/registry.ts'
import { escapeHtml, type Language, type Page } from '../page.ts'

const TEXTS = {
  fr: {
    title: 'Alerte',
    advice: 'À faire : ',
    raised: 'Signalée le',
    map: 'Voir sur la carte',
    button: 'Prendre en charge',
    hint: 'Vous confirmez que vous vous en occupez : personne d’autre ne sera appelé.',
    acknowledged: 'Prise en charge par',
    at: 'le',
    resolved: 'Cette alerte est terminée depuis le',
    changed:
      'L’alerte s’est aggravée depuis ce message. Un autre message a été envoyé : c’est par lui qu’elle se prend en charge.',
    invalid: 'Ce lien n’est pas valable : il est inconnu ou trop ancien.',
    silent: 'Le serveur n’a pas pu enregistrer la prise en charge. Réessayez.',
    console: 'Voir l’alerte dans la console',
    phone: 'Recevoir les alertes sur ce téléphone',
  },
  en: {
    title: 'Alert',
    advice: 'What to do: ',
    raised: 'Raised on',
    map: 'Show on a map',
    button: 'Acknowledge',
    hint: 'You confirm that you take care of it: nobody else will be called.',
    acknowledged: 'Acknowledged by',
    at: 'on',
    resolved: 'This alert has been over since',
    changed:
      'The alert has worsened since this message. Another message was sent: acknowledge it by that one.',
    invalid: 'This link is not valid: it is unknown or too old.',
    silent: 'The server could not note the acknowledgement. Try again.',
    console: 'Show the alert in the console',
    phone: 'Notify me on this phone',
  },
} as const
const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }

/** What stands between a message and its acknowledgement. */
export type Obstacle = 'changed' | 'silent'

interface AnswerPage {
  registry: Registry
  language: Language
  alert: Alert
  obstacle?: Obstacle | undefined
  /** Of the link, where it may subscribe a phone of its person. */
  phoneToken?: string | undefined
}

/** The alert of a link, where it is, what to do, and the button that acknowledges it where it still is to be. */
export function answerPage({ registry, language, alert, obstacle, phoneToken }: AnswerPage): Page {
  const t = TEXTS[language]
  const { timeZone } = registry.territory
  const format = new Intl.DateTimeFormat(LOCALES[language], {
    ...{ timeZone, dateStyle: 'long', timeStyle: 'short' },
  })
  const show = (time: number) => format.format(time)
  const { name = alert.site, road, position } = registry.sites.get(alert.site) ?? {}
  const place = road === undefined ? name : `${name}, ${road}`
  const advice = alert.state === 'resolved' ? undefined : registry.rules.get(alert.rule)?.advice?.[language]
  const more = [place, ...(advice === undefined ? [] : [`${t.advice}${advice}`])]
  return {
    language,
    title: t.title,
    body: `<p><strong>${escapeHtml(alert.message[language])}</strong></p>
${more.map(part => `<p>${escapeHtml(part)}</p>\n`).join('')}<p>${t.raised} ${show(alert.firedAt)}.</p>
${standingOf(alert, obstacle, t, show)}${
  position ? `\n<p><a rel="noreferrer" href="${escapeHtml(mapLink(position))}">${t.map}</a></p>` : ''
}
<p><a href="/alerts/${alert.id}">${t.console}</a></p>${
      // Behind the number sign it reaches no server and no log.
      phoneToken === undefined ? '' : `\n<p><a href="/crew#k=${phoneToken}">${t.phone}</a></p>`
    }`,
  }
}

function standingOf(
  { state, acknowledgedAt, acknowledgedBy, resolvedAt }: Alert,
  obstacle: Obstacle | undefined,
  t: (typeof TEXTS)[Language],
  show: (time: number) => string,
): string {
  if (state === 'resolved') return `<p role="status">${t.resolved} ${show(resolvedAt!)}.</p>`
  if (state === 'acknowledged')
    return `<p role="status">${t.acknowledged} <strong>${escapeHtml(acknowledgedBy!)}</strong> ${t.at} ${show(acknowledgedAt!)}.</p>`
  if (obstacle === 'changed') return `<p role="alert">${t.changed}</p>`
  const failed = obstacle ? `<p role="alert">${t[obstacle]}</p>\n` : ''
  return `${failed}<form method="post"><button>${t.button}</button></form>\n<p>${t.hint}</p>`
}

/** Of a link that leads to nothing. */
export function invalidPage(language: Language): Page {
  const { title, invalid } = TEXTS[language]
  return { language, title, body: `<p role="alert">${invalid}</p>` }
}
