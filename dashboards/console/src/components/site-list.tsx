import { useState } from 'preact/hooks'
import type { Site, SiteKind, SiteState } from '../api/types.ts'
import { useSpeech } from '../i18n/language.ts'
import { MarkerIcon } from '../map/marker.tsx'

type Any = 'all'

/** Every site with its state in words: what the map shows, for those who do not use it. */
export function SiteList({ sites }: { sites: Site[] }) {
  const { t } = useSpeech()
  const [search, setSearch] = useState('')
  const [kind, setKind] = useState<SiteKind | Any>('all')
  const [state, setState] = useState<SiteState | Any>('all')
  const found = sites.filter(
    site =>
      (kind === 'all' || site.kind === kind) &&
      (state === 'all' || site.state === state) &&
      plain(`${site.name} ${site.address ?? ''} ${site.road ?? ''} ${site.commune}`).includes(plain(search)),
  )
  return (
    <section id="sites" tabIndex={-1} aria-labelledby="sites-title">
      <h2 id="sites-title">{t.list.title}</h2>
      <search class="filters">
        <label class="field field-wide">
          <span>{t.list.search}</span>
          <input type="search" value={search} onInput={event => setSearch(event.currentTarget.value)} />
        </label>
        <Choice
          label={t.list.kind}
          all={t.list.all}
          texts={t.kind}
          chosen={kind}
          onChoose={choice => setKind(choice as SiteKind | Any)}
        />
        <Choice
          label={t.list.state}
          all={t.list.all}
          texts={t.siteState}
          chosen={state}
          onChoose={choice => setState(choice as SiteState | Any)}
        />
        <p class="soft" role="status">
          {t.list.found(found.length)}
        </p>
      </search>
      {found.length === 0 && <p class="empty">{t.list.none}</p>}
      <ul class="site-list">
        {found.map(site => (
          <li key={site.id}>
            <SiteLine site={site} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function SiteLine({ site }: { site: Site }) {
  const { t } = useSpeech()
  const where = site.road ?? site.address ?? t.site.commune(site.commune)
  return (
    <a class="site-line" href={`/sites/${site.id}`}>
      <MarkerIcon kind={site.kind} state={site.state} severity={site.worstSeverity} />
      <span class="site-line-text">
        <span class="site-line-name">{site.name}</span>
        <span class="soft">
          {site.use ? (t.use[site.use] ?? t.kind[site.kind]) : t.kind[site.kind]} · {where}
        </span>
      </span>
      <span class={`site-line-state tone-${site.state === 'alert' ? site.worstSeverity : site.state}`}>
        {describeState(site, t)}
      </span>
    </a>
  )
}

function describeState({ state, activeAlerts, unknownPoints }: Site, t: ReturnType<typeof useSpeech>['t']) {
  const parts = []
  if (activeAlerts > 0) parts.push(t.list.alerts(activeAlerts))
  if (unknownPoints > 0) parts.push(t.list.unknown(unknownPoints))
  return parts.length > 0 ? parts.join(', ') : t.siteState[state]
}

function Choice(props: {
  label: string
  all: string
  texts: Record<string, string>
  chosen: string
  onChoose(choice: string): void
}) {
  const { label, all, texts, chosen, onChoose } = props
  return (
    <label class="field">
      <span>{label}</span>
      <select value={chosen} onChange={event => onChoose(event.currentTarget.value)}>
        <option value="all">{all}</option>
        {Object.entries(texts).map(([choice, text]) => (
          <option key={choice} value={choice}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Lower case without accents, hyphens and apostrophes, so that `saint etang` finds `Saint-Étang`. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .replace(/[-'’\s]+/g, ' ')
    .toLowerCase()
}
