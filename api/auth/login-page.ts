import { createHash } from 'node:crypto'

const TEXTS = {
  fr: {
    title: 'Ouvrir une session · Affluent',
    heading: 'Ouvrir une session',
    ready:
      'Ce lien ouvre une session d’administration dans ce navigateur. Il ne sert qu’une fois : ne le transmettez pas.',
    button: 'Ouvrir la session',
    invalid:
      'Ce lien n’est pas valable : il est inconnu, périmé ou a déjà servi. Demandez-en un autre à la personne qui administre le serveur.',
    home: 'Aller à la console',
  },
  en: {
    title: 'Log in · Affluent',
    heading: 'Log in',
    ready:
      'This link opens an administration session in this browser. It works once only: do not pass it on.',
    button: 'Open the session',
    invalid:
      'This link is not valid: it is unknown, expired or was used before. Ask whoever runs the server for another one.',
    home: 'Go to the console',
  },
} as const

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem }
h1 { font-size: 1.5rem }
button { font: inherit; padding: .7rem 1.4rem; border: 0; border-radius: .4rem; background: #0b5a8a; color: #fff }
button:focus-visible, a:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px }
`

/** The page has its style inside, so that it needs no file of the console: the policy names it by its hash. */
export const LOGIN_STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

export type Language = keyof typeof TEXTS

/** The first of our languages in an `Accept-Language` header. */
export function preferredLanguage(accepted: string | undefined, otherwise: Language): Language {
  const found = /\b(fr|en)\b/.exec(accepted ?? '')
  return found ? (found[1] as Language) : otherwise
}

/** With a token: the button that spends it. Without: that the link is not valid. The token must be URL-safe. */
export function loginPage(language: Language, token?: string): string {
  const texts = TEXTS[language]
  const body = token
    ? `<p>${texts.ready}</p>
<form method="post" action="/login"><input type="hidden" name="token" value="${token}"><button>${texts.button}</button></form>`
    : `<p role="alert">${texts.invalid}</p>
<p><a href="/">${texts.home}</a></p>`
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${texts.title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${texts.heading}</h1>
${body}
</main>
</body>
</html>
`
}
