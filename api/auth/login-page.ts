import type { AccountRole } from '../../store/records.ts'
import { escapeHtml, type Language, type Page } from '../page.ts'

const TEXTS = {
  fr: {
    title: 'Ouvrir une session',
    administrator: () =>
      'Ce lien ouvre une session d’administration dans ce navigateur. Il ne sert qu’une fois : ne le transmettez pas.',
    crew: (name: string) =>
      `Ce lien ouvre sur ce téléphone une session de ${name} : ce qui y est fait l’est en son nom. Il ne sert qu’une fois : ne le transmettez pas.`,
    reader: (name: string) =>
      `Ce lien ouvre dans ce navigateur une session de ${name}, pour lire seulement. Il ne sert qu’une fois : ne le transmettez pas.`,
    button: 'Ouvrir la session',
    invalid:
      'Ce lien n’est pas valable : il est inconnu, périmé ou a déjà servi. Demandez-en un autre à la personne qui administre le serveur.',
    home: 'Aller à la console',
  },
  en: {
    title: 'Log in',
    administrator: () =>
      'This link opens an administration session in this browser. It works once only: do not pass it on.',
    crew: (name: string) =>
      `This link opens a session of ${name} on this phone: what is done in it is done in that name. It works once only: do not pass it on.`,
    reader: (name: string) =>
      `This link opens a session of ${name} in this browser, for reading only. It works once only: do not pass it on.`,
    button: 'Open the session',
    invalid:
      'This link is not valid: it is unknown, expired or was used before. Ask whoever runs the server for another one.',
    home: 'Go to the console',
  },
} as const

/** A link that is valid, and whose session it opens. */
export interface LoginLink {
  /** URL-safe. */
  token: string
  name: string
  role: AccountRole
}

/** With a link: the button that spends it. Without: that it is not valid. */
export function loginPage(language: Language, link?: LoginLink): Page {
  const { title, button, invalid, home, ...opens } = TEXTS[language]
  const body = link
    ? `<p>${escapeHtml(opens[link.role](link.name))}</p>
<form method="post" action="/login"><input type="hidden" name="token" value="${link.token}"><button>${button}</button></form>`
    : `<p role="alert">${invalid}</p>
<p><a href="/">${home}</a></p>`
  return { language, title, body }
}
