import { LICENCE_OUVERTE } from '../../model/licence.ts'
import { escapeHtml, type Language, type Page } from '../page.ts'
import { chartSvg, xsOf } from './chart-svg.ts'
import type { Duty } from './duties.ts'
import { OPEN_DATA_STYLE } from './page-style.ts'
import { fill, PAGE_TEXTS } from './page-texts.ts'
import type { DatasetPage, NewestOf, Publication, PublishedFile } from './publication.ts'
import { codeSamples } from './samples.ts'

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }
const LICENCE = { name: 'Licence Ouverte / Open Licence 2.0', url: LICENCE_OUVERTE.url }

export interface PageContext {
  language: Language
  /** Who publishes. */
  publisher: string
  timeZone: string
  /** How the public reaches the hub, without a slash at the end. */
  baseUrl: string
}

/** Everything about a dataset that somebody needs who wants to use it; works without scripts. */
export function datasetPage(page: DatasetPage, context: PageContext): Page {
  const { language, baseUrl, publisher } = context
  const t = PAGE_TEXTS[language]
  const { id, title, description, version } = page
  const show = numbersOf(language)
  const day = (date: string) => dateFormat(language, 'UTC').format(Date.parse(date))
  const published = dateFormat(language, context.timeZone).format(Date.parse(version.publishedAt))
  const address = `${baseUrl}/open-data/datasets/${id}`
  const versionAddress = `${baseUrl}/open-data/${id}/versions/${version.version}`
  const state = fill(t.state, { version: version.version, at: published, rows: show(version.rows) })
  const period = version.period
    ? `, ${fill(t.period, { start: day(version.period.start), end: day(version.period.end) })}`
    : ''
  const file = (end: string) => `${baseUrl}/open-data/${id}${end}`
  const records = `${baseUrl}/api/explore/v2.1/catalog/datasets/${id}/records`
  return {
    language,
    isPublic: true,
    title: escapeHtml(title[language]),
    style: OPEN_DATA_STYLE,
    body: `${navigation(context, `/open-data/datasets/${id}`)}
<p>${escapeHtml(description[language])}</p>
<p>${state}${period}. ${t.licence}${language === 'fr' ? ' : ' : ': '}<a href="${LICENCE.url}">${LICENCE.name}</a>.</p>
<h2>${t.files}</h2>
${filesTable(version.files, t, show)}
<ul>
<li><a href="/open-data/${id}/versions">${t.versions}</a></li>
<li><a href="/open-data/changes?dataset=${id}">${t.changes}</a></li>
<li><a href="/open-data/${id}.quality.json">${t.quality}</a></li>
<li><a href="/open-data/${id}.csv.proof.json">${t.proof}</a></li>
<li><a href="/open-data/${id}/versions/${version.version}/provenance.jsonld">${t.provenance}</a></li>
<li><a href="/open-data/${id}/versions/${version.version}/datapackage.json">Data Package</a></li>
</ul>
${charts(page, t, show)}
<h2>${t.preview}</h2>
<p>${t.previewNote}</p>
${table(
  page.fields.map(({ name }) => name),
  page.preview,
  t.preview,
)}
<h2>${t.columns}</h2>
${table(
  [t.column, t.type, t.meaning],
  page.fields.map(({ name, type, title, description: text }) => [
    name,
    type,
    language === 'fr' ? `${title.fr}. ${text}` : title.en,
  ]),
  t.columns,
)}
${followed(page, context)}
<h2>${t.cite}</h2>
<p>${escapeHtml(`${publisher}, « ${title[language]} », version ${version.version} (${published}), ${LICENCE.name}, ${versionAddress}`)}</p>
<h2>${t.use}</h2>
${codeSamples(file('.csv'), file('.parquet'), records)
  .map(({ name, code }) => `<h3>${name}</h3>\n<pre tabindex="0"><code>${escapeHtml(code)}</code></pre>`)
  .join('\n')}
<h3>${t.excel}</h3>
<p><a href="/open-data/${id}-tableur.csv">${id}-tableur.csv</a>. ${t.excelText}</p>
<p><a href="${address}" rel="canonical">${address}</a></p>`,
  }
}

/** All datasets. */
export function indexPage(publication: Publication, duties: readonly Duty[], context: PageContext): Page {
  const { language, publisher } = context
  const t = PAGE_TEXTS[language]
  const day = dateFormat(language, context.timeZone)
  const items = publication.datasets.map(({ id, title }) => {
    const name = escapeHtml(title[language])
    return publication.latest(id)
      ? `<li><a href="/open-data/datasets/${id}?language=${language}">${name}</a></li>`
      : `<li>${name} (${t.notYet})</li>`
  })
  return {
    language,
    isPublic: true,
    title: t.index,
    style: OPEN_DATA_STYLE,
    body: `${navigation(context, '/open-data')}
<p>${escapeHtml(fill(t.indexIntro, { publisher }))}</p>
<h2>${t.datasets}</h2>
<ul>
${items.join('\n')}
</ul>
<h2>${t.duties}</h2>
${table(
  [t.dutyOf, t.basis, t.last],
  duties.map(({ title, basis, lastPublication, refusal }) => [
    title[language],
    basis[language],
    refusal
      ? fill(t.refused, { since: day.format(Date.parse(refusal.since)), reason: refusal.reason[language] })
      : lastPublication
        ? day.format(Date.parse(lastPublication))
        : t.notYet,
  ]),
  t.duties,
)}
<h2>${t.machines}</h2>
<ul>
<li><a href="/open-data/catalog.jsonld">${t.catalogue}</a></li>
<li><a href="/open-data/manifest.json">${t.manifest}</a></li>
<li><a href="/open-data/duties.json">${t.duties}</a></li>
<li><a href="/open-data/datapackage.json">Data Package</a></li>
<li><a href="/docs">${t.api}</a></li>
</ul>`,
  }
}

function navigation({ language }: PageContext, path: string): string {
  const t = PAGE_TEXTS[language]
  const other = language === 'fr' ? 'en' : 'fr'
  const all = path === '/open-data' ? '' : `<a href="/open-data?language=${language}">${t.all}</a> `
  return `<nav>${all}<a href="${path}?language=${other}" lang="${other}" hreflang="${other}">${t.other}</a></nav>`
}

function filesTable(
  files: readonly PublishedFile[],
  t: (typeof PAGE_TEXTS)[Language],
  show: (value: number) => string,
): string {
  const rows = files.map(
    ({ name, bytes, sha256 }) =>
      `<tr><th scope="row"><a href="/open-data/${name}">${name}</a></th><td>${show(Math.ceil(bytes / 1000))} kB</td><td><code>${sha256}</code></td></tr>`,
  )
  return `<div class="wide" role="region" aria-label="${t.files}" tabindex="0"><table>
<thead><tr><th scope="col">${t.file}</th><th scope="col">${t.size}</th><th scope="col">${t.checksum}</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>`
}

/** A chart for each unit, with its values as a table. */
function charts(
  { chart }: DatasetPage,
  t: (typeof PAGE_TEXTS)[Language],
  show: (value: number) => string,
): string {
  const units = Object.entries(chart)
  if (units.length === 0) return ''
  const figures = units.map(([unit, series]) => {
    const name = fill(t.chartOf, { unit })
    const names = Object.keys(series)
    const values = xsOf(series).map(x => [
      x,
      ...names.map(each => (series[each]![x] === undefined ? '' : show(series[each]![x]!))),
    ])
    return `<figure><figcaption>${escapeHtml(name)}</figcaption>
${chartSvg(series, name, show)}
<details><summary>${t.chartTable}</summary>
${table([t.when, ...names], values, name)}
</details></figure>`
  })
  return `<h2>${t.chart}</h2>\n<p>${t.chartNote}</p>\n${figures.join('\n')}`
}

const MOST_ON_A_PAGE = 10

/** The newest gaps and exclusions, so that whoever sees an estimate can follow it. */
function followed(
  { id, followed: { gaps, exclusions } }: DatasetPage,
  { language, timeZone }: PageContext,
): string {
  const t = PAGE_TEXTS[language]
  const show = numbersOf(language)
  const time = new Intl.DateTimeFormat(LOCALES[language], {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'medium',
  })
  const list = <T>(
    of: NewestOf<T> | undefined,
    name: string,
    head: string[],
    cells: (entry: T) => string[],
  ) => {
    if (!of || of.listed.length === 0) return ''
    const others = of.leftOut + Math.max(0, of.listed.length - MOST_ON_A_PAGE)
    const more = fill(t.others, { count: show(others) })
    return `<h3>${name}</h3>
${table(head, of.listed.slice(0, MOST_ON_A_PAGE).map(cells), name)}
${others > 0 ? `<p><a href="/open-data/${id}.quality.json">${more}</a></p>` : ''}`
  }
  const lists = [
    list(gaps, t.gaps, [t.building, t.fluid, t.from, t.to, t.coverage, t.filled], gap => [
      ...[gap.site, gap.fluid, gap.from, gap.to, show(gap.coverage)],
      t.filledBy[gap.filled],
    ]),
    list(exclusions, t.exclusions, [t.building, t.fluid, t.when, t.why], each => [
      ...[each.site, each.fluid, time.format(Date.parse(each.time))],
      t.excludedFor[each.reason],
    ]),
  ].filter(each => each !== '')
  return lists.length > 0 ? `<h2>${t.followed}</h2>\n<p>${t.followedNote}</p>\n${lists.join('\n')}` : ''
}

function table(head: readonly string[], rows: readonly (readonly string[])[], label: string): string {
  const heads = head.map(cell => `<th scope="col">${escapeHtml(cell)}</th>`)
  const body = rows.map(row => `<tr>${row.map(cell => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
  return `<div class="wide" role="region" aria-label="${escapeHtml(label)}" tabindex="0"><table>
<thead><tr>${heads.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody>
</table></div>`
}

function numbersOf(language: Language): (value: number) => string {
  const format = new Intl.NumberFormat(LOCALES[language], { maximumSignificantDigits: 6 })
  return value => format.format(value)
}

function dateFormat(language: Language, timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(LOCALES[language], { timeZone, dateStyle: 'long' })
}
