import { useResource } from '../api/resource.ts'
import type { Meter, Nights } from '../api/types.ts'
import { DataTable } from '../charts/data-table.tsx'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 60 * 60_000

/** What the water meters of a site count while it sleeps; nothing where it has none. */
export function NightsOfSite({ meters }: { meters: readonly Meter[] }) {
  const { t } = useSpeech()
  const water = meters.filter(({ fluid }) => fluid === 'eau')
  if (water.length === 0) return null
  return (
    <section aria-labelledby="nights-title">
      <h2 id="nights-title">{t.nights.title}</h2>
      <p class="lead">{t.nights.lead}</p>
      {water.map(meter => (
        <NightsOfMeter key={meter.id} meter={meter} />
      ))}
    </section>
  )
}

function NightsOfMeter({ meter }: { meter: Meter }) {
  const speech = useSpeech()
  const { t } = speech
  const answer = useResource<Nights>(`/v1/meters/${meter.id}/nights`, REFRESH_MS)
  const title = t.nights.of(meter.id, meter.unitLabel)
  return (
    <div class="card">
      <h3>{title}</h3>
      <Notice of={answer} />
      {answer.data && (
        <>
          <p class="chart-summary">{summaryOf(answer.data, meter, speech)}</p>
          <DataTable title={title} table={tableOf(answer.data, speech)} />
        </>
      )}
    </div>
  )
}

/** Of the last night that is known, since a gap says nothing of a leak. */
function summaryOf({ nights }: Nights, { unitLabel }: Meter, { t, format }: Speech): string {
  const last = nights.findLast(({ excess }) => excess !== null)
  if (!last) return t.nights.notEnough
  const excess = format.exactMeasure(last.excess!, `${unitLabel}/h`)
  return last.excess === 0
    ? t.nights.calm(format.date(last.date))
    : t.nights.flows(format.date(last.date), excess)
}

/** The newest night first. */
function tableOf({ nights }: Nights, { t, format }: Speech) {
  const text = (value: number | null) => (value === null ? t.chart.none : format.exact(value))
  return {
    columns: [t.nights.morning, t.nights.minimum, t.nights.usual, t.nights.excess],
    rows: nights
      .toReversed()
      .map(({ date, minimum, usual, excess }) => [
        format.date(date),
        text(minimum),
        text(usual),
        text(excess),
      ]),
  }
}
