import { get } from '../api/client.ts'
import { useLoaded } from '../api/resource.ts'
import type { Site, SiteConsumption } from '../api/types.ts'
import { now } from '../clock.ts'
import { compareLastMonth, type FluidTotal, isComplete, sumConsumption } from '../consumption.ts'
import { useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 15 * 60_000

/** The last complete month of the whole territory, by fluid. */
export function Totals({ sites }: { sites: Site[] }) {
  const { t } = useSpeech()
  const metered = sites.filter(site => site.fluids.length > 0).map(site => site.id)
  const load = () =>
    Promise.all(metered.map(id => get<SiteConsumption>(`/v1/sites/${id}/consumption?by=month`)))
  const answers = useLoaded(`totals of ${metered.join(' ')}`, load, REFRESH_MS)
  const totals = answers.data && sumConsumption(answers.data)
  if (metered.length === 0) return null
  return (
    <section aria-labelledby="totals-title">
      <h2 id="totals-title">{t.totals.title}</h2>
      <p class="soft">{t.totals.lead}</p>
      <Notice of={answers} />
      {totals && totals.length === 0 && <p>{t.totals.none}</p>}
      <ul class="totals">
        {totals?.map(total => (
          <Total key={`${total.fluid} ${total.unit}`} total={total} />
        ))}
      </ul>
    </section>
  )
}

function Total({ total }: { total: FluidTotal }) {
  const { t, format } = useSpeech()
  const comparison = compareLastMonth(total.periods, now())
  return (
    <li class={`card total fluid-${total.fluid}`}>
      <h3>{t.fluid[total.fluid]}</h3>
      {comparison ? (
        <>
          <p class="total-amount">
            {format.whole(comparison.last.amount!)} <span class="unit">{total.unitLabel}</span>
          </p>
          <p class="total-change">
            {format.month(comparison.last.start)}
            <br />
            {comparison.before && comparison.change !== undefined
              ? t.totals.comparedTo(format.change(comparison.change), format.month(comparison.before.start))
              : t.totals.noComparison}
          </p>
        </>
      ) : (
        <p class="soft">{t.chart.incomplete}</p>
      )}
      <Trend total={total} />
      <p class="soft">{t.totals.sites(total.sites)}</p>
    </li>
  )
}

const BAR = 8
const GAP = 3
const HEIGHT = 40

/** The months as small bars, paler where incomplete. Every figure is in the text for those who do not see them. */
function Trend({ total }: { total: FluidTotal }) {
  const { t, format } = useSpeech()
  const time = now()
  const most = Math.max(...total.periods.map(({ amount }) => amount ?? 0), 1)
  const months = total.periods.map(
    ({ start, amount }) =>
      `${format.month(start)} ${amount === null ? t.chart.none : format.amount(amount, total.unitLabel)}`,
  )
  return (
    <svg
      class="trend"
      viewBox={`0 0 ${total.periods.length * (BAR + GAP) - GAP} ${HEIGHT}`}
      preserveAspectRatio="xMinYMax meet"
      role="img"
      aria-label={`${t.totals.trend(t.fluid[total.fluid])}. ${months.join(', ')}`}
    >
      {total.periods.map((period, index) => {
        const height = ((period.amount ?? 0) / most) * HEIGHT
        return (
          <rect
            key={period.start}
            class={isComplete(period, time) ? 'trend-bar' : 'trend-bar trend-bar-incomplete'}
            x={index * (BAR + GAP)}
            y={HEIGHT - height}
            width={BAR}
            height={height}
          />
        )
      })}
    </svg>
  )
}
