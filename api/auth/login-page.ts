import { escapeHtml, type Language, type Page } from '../page.ts'

const TEXTS = {
  fr: {
    title: 'Ouvrir une session',
    ready:
      'Ce lien ouvre une session d’administration dans ce navigateur. Il ne sert qu’une fois : ne le transmettez pas.',
    crew: (person: string) =>
      `Ce lien ouvre sur ce téléphone une session de ${person} : ce qui y est fait l’est en son nom. Il ne sert qu’une fois : ne le transmettez pas.`,
    button: 'Ouvrir la session',
    invalid:
      'Ce lien n’est pas valable : il est inconnu, périmé ou a déjà servi. Demandez-en un autre à la personne qui administre le serveur.',
    home: 'Aller à la console',
  },
  en: {
    title: 'Log in',
    ready:
      'This link opens an administration session in this browser. It works once only: do not pass it on.',
    crew: (person: string) =>
      `This link opens a session of ${person} on this phone: what is done in it is done in that name. It works once only: do not pass it on.`,
    button: 'Open the session',
    invalid:
      'This link is not valid: it is unknown, expired or was used before. Ask whoever runs the server for another one.',
    home: 'Go to the console',
  },
} as const

/** A link that is valid. */
export interface LoginLink {
  /** URL-safe. */
  token: string
  /** Of the registry; absent: the administrator. */
  person?: string
}

/** With a link: the button that spends it. Without: that it is not valid. */
export function loginPage(language: Language, link?: LoginLink): Page {
  const { title, ready, crew, button, invalid, home } = TEXTS[language]
  const body = link
    ? `<p>${link.person === undefined ? ready : escapeHtml(crew(link.person))}</p>
<form method="post" action="/login"><input type="hidden" name="token" value="${link.token}"><button>${button}</button></form>`
    : `<p role="alert">${invalid}</p>
<p><a href="/">${home}</a></p>`
  return { language, title, body }
}
