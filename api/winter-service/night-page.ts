import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { escapeHtml, type Language, type Page } from '../page.ts'
import { levelText, rowsHtml } from './night-row.ts'
import type { AnsweredNight } from './night-schema.ts'
import { NIGHT_STYLE } from './night-style.ts'
import { NIGHT_TEXTS } from './night-texts.ts'

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }

interface NightPage {
  language: Language
  timeZone: string
  night: AnsweredNight
  /** Where the same log is in the other language. */
  other: string
}

/** The log of a night, to be printed. */
export function nightPage({ language, timeZone, night, other }: NightPage): Page {
  const t = NIGHT_TEXTS[language]
  const [from, to] = [Date.parse(night.from), Date.parse(night.to)]
  const zone = { timeZone, ...(to - from !== DAY_MS && ({ timeZoneName: 'shortOffset' } as const)) }
  const long = new Intl.DateTimeFormat(LOCALES[language], {
    ...{ timeZone, day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  })
  const short = new Intl.DateTimeFormat(LOCALES[language], {
    ...{ day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', ...zone },
  })
  const show = (time: string) => short.format(Date.parse(time))
  const isOver = Date.parse(night.at) >= to

  const circuits = night.circuits.map(({ id, name, sections, levels, alerts, rows }) => {
    const open = alerts.filter(({ decision }) => decision === null).length
    const context = { t, language, circuit: id, show }
    const heads = Object.values(t.columns).map(column => `<th scope="col">${column}</th>`)
    return `<section>
<h2>${escapeHtml(name[language])}</h2>
<ul>
${sections.map(section => `<li>${escapeHtml(sectionText(section))}</li>`).join('\n')}
</ul>
<p>${t.levels}${t.colon}</p>
<ul>
${levels.map(level => `<li>${show(level.from)} – ${show(level.to)}${t.colon}${escapeHtml(levelText(level, t))}</li>`).join('\n')}
</ul>
${open > 0 ? `<p><span class="open">${t.open(open)}</span></p>` : ''}
${
  rows.length === 0
    ? `<p>${t.empty}</p>`
    : `<table>
<thead><tr>${heads.join('')}</tr></thead>
<tbody>
${rowsHtml(rows, context)}
</tbody>
</table>`
}
</section>`
  })

  return {
    language,
    title: t.title,
    style: NIGHT_STYLE,
    body: `<nav><a href="${escapeHtml(other)}">${t.other}</a></nav>
<p>${escapeHtml(t.night(long.format(from), long.format(to), (to - from) / HOUR_MS, timeZone))} ${isOver ? '' : `<strong>${t.running}</strong>`}</p>
<p>${t.made(long.format(Date.parse(night.at)))} ${t.chain(night.chain.length)} <code>${night.chain.hash}</code>. ${t.registry} <code>${night.registry}</code>.</p>
<p>${t.clocks}</p>
${circuits.join('\n')}`,
  }
}

function sectionText({
  id,
  road,
  fromPk,
  toPk,
  label,
}: AnsweredNight['circuits'][number]['sections'][number]): string {
  return [id, `${road}, PR ${fromPk} – ${toPk}`, ...(label === null ? [] : [label])].join(' · ')
}

/** For whoever has no session. */
export function closedPage(language: Language): Page {
  const { title, login } = NIGHT_TEXTS[language]
  return { language, title, body: `<p role="alert">${login}</p>` }
}
