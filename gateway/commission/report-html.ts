import { unitLabel } from '../../model/units.ts'
import { formatValue } from './format-value.ts'
import { CHECKS, type PointReport } from './judge.ts'
import { formatSummary, remarksOf } from './report.ts'
import { type Language, WORDS } from './words.ts'

/** What a report says beside its points. */
export interface Occasion {
  territory: string
  gateway: string
  /** ms UTC, and the zone in which they are written. */
  from: number
  to: number
  timeZone: string
  /** Of the registry that was checked. */
  hash: string
  version: string
}

/** One page to print and sign, with all that it needs inside. */
export function formatReportHtml(
  reports: readonly PointReport[],
  { territory, gateway, from, to, timeZone, hash, version }: Occasion,
  language: Language,
): string {
  const words = WORDS[language]
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  const devices = Map.groupBy(reports, ({ point }) => `${point.site}/${point.device}`)
  const heads = [words.point, words.value, words.time, ...Object.values(words.checks), words.remarks]
  const row = (report: PointReport) => {
    const { point, last, checks } = report
    const value = last ? `${formatValue(last.value, language)} ${unitLabel(point.unit)}` : ''
    return `<tr><th scope="row">${escaped(point.name)}<br><small>${escaped(point.label[language])}</small></th>
<td class="number">${escaped(value)}</td><td>${last ? moment.format(last.time) : ''}</td>
${CHECKS.map(name => `<td class="${checks[name].verdict}">${words.verdicts[checks[name].verdict]}</td>`).join('')}
<td>${remarksOf(report, language).map(escaped).join('<br>')}</td></tr>`
  }
  const tables = [...devices].map(
    ([device, own]) => `<h2>${escaped(device)}</h2>
<table><thead><tr>${heads.map(head => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${own.map(row).join('\n')}</tbody></table>`,
  )
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<title>${words.title}${words.colon}${escaped(gateway)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${words.title}</h1>
<p>${escaped(territory)}. ${words.gateway}${words.colon}${escaped(gateway)}. ${words.observed} ${moment.format(from)} ${words.until} ${moment.format(to)} (${escaped(timeZone)}). ${words.registry}${words.colon}${hash.slice(0, 12)}. Affluent ${escaped(version)}.</p>
<p><strong>${formatSummary(reports, language)}</strong> ${words.legend}</p>
${tables.join('\n')}
<div class="signatures">${words.signed.map(who => `<div>${who}<br><small>${words.sign}</small></div>`).join('')}</div>
</body>
</html>
`
}

const STYLE = `
@page { size: A4 landscape; margin: 12mm }
body { font: 11px/1.4 sans-serif; color: #111; max-width: 297mm; margin: auto }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th { width: 12% }
th:nth-child(n+4):nth-child(-n+9) { width: 6.5% }
th:last-child { width: 25% }
th, td { border: 1px solid #999; padding: 2px 5px; text-align: left; vertical-align: top }
tr { break-inside: avoid }
.number { text-align: right; white-space: nowrap }
.fail { background: #f6c7c3; font-weight: bold }
.warn { background: #fbe6b0 }
.pass { background: #d5edd3 }
.fail, .warn, .pass { print-color-adjust: exact }
.signatures { display: flex; gap: 10mm; margin-top: 10mm; break-inside: avoid }
.signatures div { flex: 1; height: 30mm; border: 1px solid #999; padding: 5px }
`

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, mark => `&#${mark.codePointAt(0)};`)
}
