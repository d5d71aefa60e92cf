import { useResource } from '../api/resource.ts'
import type { SiteComparison } from '../api/types.ts'
import { DataTable } from '../charts/data-table.tsx'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 60 * 60_000

/** The last twelve months of the site beside those of a year before and of its reference year, by fluid. */
export function Comparison({ site }: { site: string }) {
  const speech = useSpeech()
  const { t, format } = speech
  const answer = useResource<SiteComparison>(`/v1/energy/comparison?site=${site}`, REFRESH_MS)
  if (!answer.data || answer.data.fluids.length === 0) return null
  const { from, to } = answer.data
  return (
    <section aria-labelledby="comparison-title">
      <h2 id="comparison-title">{t.comparison.title}</h2>
      {/* The end is the first instant that is no longer of the last month. */}
      <p class="lead">{t.comparison.lead(format.month(from), format.month(Date.parse(to) - 1))}</p>
      <Notice of={answer} />
      <div class="card">
        <DataTable table={tableOf(answer.data, speech)} title={t.comparison.table} />
      </div>
    </section>
  )
}

function tableOf({ referenceYear, fluids }: SiteComparison, { t, format }: Speech) {
  const text = (value: number | null | undefined, write: (value: number) => string) =>
    value === null || value === undefined ? t.chart.none : write(value)
  const amount = (value: number | null | undefined, unit: string) =>
    text(value, known => format.amount(known, unit))
  // Water has nothing by m², and energy nothing by person.
  const where = (applies: boolean, shown: string) => (applies ? shown : '–')
  return {
    columns: [
      t.comparison.fluid,
      t.comparison.now,
      t.comparison.before,
      t.comparison.change,
      ...(referenceYear === null
        ? []
        : [t.comparison.reference(referenceYear), t.comparison.referenceChange(referenceYear)]),
      t.comparison.perSquareMetre,
      t.comparison.primaryPerSquareMetre,
      t.comparison.perPerson,
    ],
    rows: fluids.map(({ fluid, unitLabel, now, before, reference, ...each }) => [
      t.fluid[fluid],
      amount(now.amount, unitLabel),
      amount(before.amount, unitLabel),
      text(each.change, format.change),
      ...(referenceYear === null
        ? []
        : [amount(reference?.amount, unitLabel), text(each.referenceChange, format.change)]),
      where(fluid !== 'eau', amount(each.perSquareMetre, 'kWh')),
      where(fluid !== 'eau', amount(each.primaryPerSquareMetre, 'kWh')),
      where(fluid === 'eau', amount(each.litresPerPerson, 'L')),
    ]),
  }
}
