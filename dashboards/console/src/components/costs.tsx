import { useResource } from '../api/resource.ts'
import type { Cost, SiteCosts } from '../api/types.ts'
import { DataTable } from '../charts/data-table.tsx'
import { useAdministrator } from '../hub.ts'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 5 * 60_000

/** What the site costs by month, for whoever has a session; nothing where no meter has a tariff. */
export function Costs({ site }: { site: string }) {
  const speech = useSpeech()
  const { t, format } = speech
  const path = useAdministrator() ? `/v1/cost?site=${site}&by=month` : undefined
  const answer = useResource<SiteCosts>(path, REFRESH_MS)
  if (!answer.data?.total) return null
  const { periods, total, withoutTariff } = answer.data
  const table = {
    columns: [t.chart.when, t.cost.consumption, t.cost.fixed, t.cost.vat, t.cost.total, t.cost.priced],
    rows: [
      ...periods.map(period => [format.month(period.start), ...cellsOf(period, speech)]),
      [t.cost.whole, ...cellsOf(total, speech)],
    ],
  }
  return (
    <section aria-labelledby="cost-title">
      <h2 id="cost-title">{t.cost.title}</h2>
      <p class="lead">{t.cost.lead}</p>
      <Notice of={answer} />
      <div class="card">
        <DataTable table={table} title={t.cost.byMonth} />
      </div>
      {withoutTariff.length > 0 && <p class="soft">{t.cost.withoutTariff(withoutTariff.join(', '))}</p>}
    </section>
  )
}

function cellsOf({ consumption, fixed, vat, total, priced }: Cost, { t, format }: Speech): string[] {
  const euros = [consumption, fixed, vat, total].map(value =>
    value === null ? t.chart.none : format.euros(value),
  )
  // A share that is rounded up would hide what is missing.
  return [...euros, format.percent(Math.floor(priced * 100) / 100)]
}
