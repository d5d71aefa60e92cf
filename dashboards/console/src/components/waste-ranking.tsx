import { useResource } from '../api/resource.ts'
import type { WasteRanking as Ranking } from '../api/types.ts'
import { DataTable } from '../charts/data-table.tsx'
import { useAdministrator } from '../hub.ts'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 60 * 60_000

/** The sites that waste most, by unit, for whoever has a session; nothing where nothing is found. */
export function WasteRanking() {
  const speech = useSpeech()
  const { t, format } = speech
  const path = useAdministrator() ? '/v1/findings?limit=10' : undefined
  const answer = useResource<Ranking>(path, REFRESH_MS)
  if (!answer.data || answer.data.byAmount.length === 0) return null
  const { from, to, byAmount } = answer.data
  return (
    <section aria-labelledby="waste-title">
      <h2 id="waste-title">{t.findings.ranking}</h2>
      {/* The end is the first instant behind the last day. */}
      <p class="soft">{t.findings.lead(format.date(from), format.date(Date.parse(to) - 1))}</p>
      <Notice of={answer} />
      {byAmount.map(ranking => (
        <div class="card" key={ranking.unit}>
          <DataTable table={tableOf(ranking, speech)} title={t.findings.rankingOf(ranking.unitLabel)} />
        </div>
      ))}
    </section>
  )
}

function tableOf({ unitLabel, sites }: Ranking['byAmount'][number], { t, format }: Speech) {
  const { site, atLeast, cost, why } = t.findings
  return {
    columns: [site, atLeast, cost, why],
    rows: sites.map(({ name, amount, cost: euros, findings }) => [
      name,
      format.amount(amount, unitLabel),
      euros === null ? t.chart.none : format.euros(euros),
      [...new Set(findings.map(({ kind }) => t.findings.kind[kind]))].join(', '),
    ]),
  }
}
