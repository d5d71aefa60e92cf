import { useResource } from '../api/resource.ts'
import type { AccountGap, SiteDetail, TertiaryAnswer, TertiarySite } from '../api/types.ts'
import { DataTable } from '../charts/data-table.tsx'
import { Facts } from '../components/facts.tsx'
import { Icon } from '../components/icons.tsx'
import { Notice } from '../components/notice.tsx'
import { useTitle } from '../components/title.ts'
import { useAdministrator } from '../hub.ts'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { MissingPage } from './missing.tsx'

/** What a site declares under the décret tertiaire of a year, to be printed: for whoever has a session. */
export function TertiaryPage({ id, year }: { id: string; year: number | undefined }) {
  const { t } = useSpeech()
  const signedIn = useAdministrator()
  const site = useResource<SiteDetail>(`/v1/sites/${encodeURIComponent(id)}`)
  const query = `site=${encodeURIComponent(id)}${year === undefined ? '' : `&year=${year}`}`
  const answer = useResource<TertiaryAnswer>(signedIn ? `/v1/energy/tertiary?${query}` : undefined)
  const name = site.data?.name ?? id
  useTitle(`${t.tertiary.title} · ${name}`)
  if (site.error?.status === 404 || site.error?.status === 400) return <MissingPage text={t.site.notFound} />
  const told = answer.data
  return (
    <>
      <nav class="crumbs" aria-label={t.tertiary.path}>
        <a href={`/sites/${id}`}>
          <Icon name="back" /> {name}
        </a>
        {told && <a href={`/sites/${id}/tertiary/${told.year - 1}`}>{told.year - 1}</a>}
        {year !== undefined && <a href={`/sites/${id}/tertiary`}>{t.tertiary.lastYear}</a>}
      </nav>
      <div class="page-head">
        <h1>{t.tertiary.of(name, told?.year)}</h1>
      </div>
      {signedIn ? <Notice of={answer} /> : <p>{t.tertiary.signIn}</p>}
      {told && told.sites.length === 0 && <p>{t.tertiary.notDeclared}</p>}
      {told?.sites.map(each => (
        <Attestation key={each.site} site={each} answer={told} />
      ))}
    </>
  )
}

function Attestation({ site, answer }: { site: TertiarySite; answer: TertiaryAnswer }) {
  const speech = useSpeech()
  const { t, format } = speech
  const { year, factors } = answer
  const facts: [string, string][] = [
    [t.tertiary.case, t.tertiary.perimeterOf(site.case, t.tertiary.perimeters[site.perimeter])],
    [t.tertiary.declarant, site.declarant ?? t.tertiary.notGiven],
    [t.tertiary.buildings, site.buildings.join(', ') || t.tertiary.notGiven],
    [t.tertiary.station, site.station ?? t.tertiary.notGiven],
    [
      t.tertiary.activities,
      site.activities.map(({ name, floorArea }) => `${name} (${format.precise(floorArea, 'm²')})`).join(', '),
    ],
    [t.site.floorArea, format.precise(site.floorArea, 'm²')],
    [t.tertiary.emissions, amountText(site.kgCO2e, 'kgCO2e', speech)],
    [t.tertiary.emissionsByArea, amountText(site.kgCO2ePerSquareMetre, 'kgCO2e/m²', speech)],
  ]
  if (site.vehicleCharging !== null)
    facts.push([t.tertiary.charging, format.precise(site.vehicleCharging, 'kWh')])
  const gaps = [
    ...site.missing.declaration.map(gap => t.tertiary.declarationGaps[gap]),
    ...site.missing.year.map(gap => gapText(gap, year, speech)),
    ...site.missing.reference.map(gap => gapText(gap, site.reference.year, speech)),
  ]
  return (
    <>
      <p class="lead">{t.tertiary.unofficial}</p>
      <p>
        <button type="button" class="button" onClick={() => print()}>
          {t.tertiary.print}
        </button>
      </p>
      <section class="card" aria-labelledby="attestation-title">
        <h2 id="attestation-title">{t.tertiary.declaration}</h2>
        <Facts facts={facts} look="trace-facts" />
      </section>
      <section class="card" aria-labelledby="standing-title">
        <h2 id="standing-title">{t.tertiary.standing}</h2>
        <p>{standingText(site, year, speech)}</p>
        <DataTable
          title={t.tertiary.tableOf(t.tertiary.standing)}
          table={standingTable(site, year, speech)}
        />
      </section>
      <section class="card" aria-labelledby="energies-title">
        <h2 id="energies-title">{t.tertiary.energies}</h2>
        <DataTable title={t.tertiary.tableOf(t.tertiary.energies)} table={energyTable(site, year, speech)} />
        <p class="soft">{t.tertiary.factors(factors.name, factors.version)}</p>
        {statedFactors(site).map(([energy, source]) => (
          <p class="soft" key={energy}>
            {t.tertiary.statedFactor(t.tertiary.energyNames[energy], source)}
          </p>
        ))}
      </section>
      <section class="card" aria-labelledby="missing-title">
        <h2 id="missing-title">{t.tertiary.missing}</h2>
        {gaps.length === 0 ? (
          <p>{t.tertiary.nothingMissing}</p>
        ) : (
          <ul>
            {gaps.map(gap => (
              <li key={gap}>{gap}</li>
            ))}
          </ul>
        )}
      </section>
    </>
  )
}

/** What of its emissions rests on factors of the registry, and where these are from. */
function statedFactors({ energies, reference }: TertiarySite) {
  const lines = [...reference.energies, ...energies]
  const stated = lines.flatMap(({ energy, emissionSource }) =>
    emissionSource === null ? [] : [[energy, emissionSource] as const],
  )
  return [...new Map(stated)]
}

/** Where the year stands against the reference and the path, in words. */
function standingText(
  { finalEnergy, change, path, onPath, reference }: TertiarySite,
  year: number,
  speech: Speech,
) {
  const { t, format } = speech
  if (finalEnergy === null || change === null || path === null || onPath === null)
    return t.tertiary.noStanding
  const gap = format.amount(Math.abs(finalEnergy - path), 'kWh')
  const changed = t.tertiary.changed(String(year), format.change(change), reference.year)
  return `${changed} ${onPath ? t.tertiary.below(gap) : t.tertiary.above(gap)}`
}

function standingTable({ reference, targets, ...site }: TertiarySite, year: number, speech: Speech) {
  const { t, format } = speech
  const row = (name: string, kilowattHours: number | null, perSquareMetre: number | null) => [
    name,
    amountText(kilowattHours, 'kWh', speech),
    amountText(perSquareMetre, 'kWh/m²', speech),
    kilowattHours === null || !reference.finalEnergy
      ? t.chart.none
      : format.change(kilowattHours / reference.finalEnergy - 1),
  ]
  return {
    columns: [t.tertiary.value, t.tertiary.finalEnergy, t.comparison.perSquareMetre, t.tertiary.ofReference],
    rows: [
      row(t.comparison.reference(reference.year), reference.finalEnergy, reference.perSquareMetre),
      row(t.tertiary.inYear(year), site.finalEnergy, site.perSquareMetre),
      row(t.tertiary.pathOf(year), site.path, site.path === null ? null : site.path / site.floorArea),
      ...targets.map(target =>
        row(t.tertiary.target(target.year), target.finalEnergy, target.perSquareMetre),
      ),
    ],
  }
}

function energyTable({ energies, reference }: TertiarySite, year: number, speech: Speech) {
  const { t, format } = speech
  const rowsOf = (of: number, lines: TertiarySite['energies']) =>
    lines.map(({ energy, unitLabel, amount, source, coverage, finalEnergy, kgCO2e }) => [
      `${t.tertiary.energyNames[energy]} ${of}`,
      amountText(amount, unitLabel, speech),
      `${t.tertiary.sources[source]}${source === 'meters' ? `, ${format.percent(Math.floor(coverage * 100) / 100)}` : ''}`,
      amountText(finalEnergy, 'kWh', speech),
      amountText(kgCO2e, 'kg', speech),
    ])
  return {
    columns: [
      t.tertiary.energy,
      t.tertiary.bought,
      t.tertiary.source,
      t.tertiary.finalEnergy,
      t.tertiary.emissions,
    ],
    rows: [...rowsOf(year, energies), ...rowsOf(reference.year, reference.energies)],
  }
}

function amountText(value: number | null, unitLabel: string, { t, format }: Speech): string {
  return value === null ? t.chart.none : format.amount(value, unitLabel)
}

function gapText({ what, energy }: AccountGap, year: number, { t }: Speech): string {
  const text = t.tertiary.gaps[what]
  return `${year}${energy === null ? '' : `, ${t.tertiary.energyNames[energy]}`} : ${text}`
}
