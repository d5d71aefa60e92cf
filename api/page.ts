import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { contentSecurityPolicy } from './headers.ts'
import { readWeighted } from './weighted.ts'

/** The languages of the pages that need nothing of the console. */
export type Language = (typeof LANGUAGES)[number]
const LANGUAGES = ['fr', 'en'] as const

export interface Page {
  language: Language
  title: string
  /** HTML; what is not ours in it is to be escaped. */
  body: string
  /** How it looks; without it, a narrow column. */
  style?: PageStyle
  /** Whether search engines may show it, and caches keep it for a minute. */
  isPublic?: boolean
}

/** A style is inside its page, so that the page needs no file of the console: the policy names it by its hash. */
export interface PageStyle {
  css: string
  policy: string
}

export function pageStyle(css: string): PageStyle {
  const hash = createHash('sha256').update(css).digest('base64')
  return { css, policy: contentSecurityPolicy(`'sha256-${hash}'`) }
}

const COLUMN = pageStyle(`
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem }
button { font: inherit; min-height: 3rem; padding: .7rem 1.4rem; border: 0; border-radius: .4rem; background: #0b5a8a; color: #fff }
button:focus-visible, a:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px }
`)

/** What an `Accept-Language` header would like most of our languages, whatever the country. */
export function preferredLanguage(accepted: string | undefined, otherwise: Language): Language {
  const liked = readWeighted(accepted ?? '').flatMap(({ name, weight }) => {
    const language = name === '*' ? otherwise : LANGUAGES.find(each => each === name.split('-')[0])
    return language && weight > 0 ? [{ language, weight }] : []
  })
  return liked.sort((a, b) => b.weight - a.weight)[0]?.language ?? otherwise
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}

/** Answers with a page, which is kept nowhere unless it is public. */
export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  const { language, title, body, style = COLUMN, isPublic = false } = page
  // Which language it is in was the choice of a reader; others may have another.
  if (isPublic) reply.header('Vary', 'Accept-Language')
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('Content-Security-Policy', style.policy)
    .header('Cache-Control', isPublic ? 'public, max-age=60' : 'no-store')
    .send(`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${isPublic ? '' : '<meta name="robots" content="noindex">\n'}<title>${title} · Affluent</title>
<style>${style.css}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`)
}
