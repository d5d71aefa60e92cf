import type { Language, Page } from '../page.ts'

const TEXTS = {
  fr: {
    title: 'Ouvrir une session',
    ready:
      'Ce lien ouvre une session d’administration dans ce navigateur. Il ne sert qu’une fois : ne le transmettez pas.',
    button: 'Ouvrir la session',
    invalid:
      'Ce lien n’est pas valable : il est inconnu, périmé ou a déjà servi. Demandez-en un autre à la personne qui administre le serveur.',
    home: 'Aller à la console',
  },
  en: {
    title: 'Log in',
    ready:
      'This link opens an administration session in this browser. It works once only: do not pass it on.',
    button: 'Open the session',
    invalid:
      'This link is not valid: it is unknown, expired or was used before. Ask whoever runs the server for another one.',
    home: 'Go to the console',
  },
} as const

/** With a token: the button that spends it. Without: that the link is not valid. The token must be URL-safe. */
export function loginPage(language: Language, token?: string): Page {
  const { title, ready, button, invalid, home } = TEXTS[language]
  const body = token
    ? `<p>${ready}</p>
<form method="post" action="/login"><input type="hidden" name="token" value="${token}"><button>${button}</button></form>`
    : `<p role="alert">${invalid}</p>
<p><a href="/">${home}</a></p>`
  return { language, title, body }
}
