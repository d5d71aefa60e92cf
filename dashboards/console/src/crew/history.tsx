import type { Aggregates, Alert, Point } from '../api/types.ts'
import { now } from '../clock.ts'
import { type Hour, hoursOf, spanFrom } from './hours.ts'
import { Sparkline } from './sparkline.tsx'
import { useSpeech } from './speech.ts'
import { useKept } from './use-kept.ts'

const REFRESH_MS = 600_000

/** The road's temperature over twelve hours, or what the alert measures where the site has none. */
export function History({ alert }: { alert: Alert }) {
  const { t, format, say } = useSpeech()
  const { answer: points } = useKept<{ points: Point[] }>(`/v1/points?site=${alert.site}`)
  const measured = points?.data.points.filter(({ kind }) => kind === 'measure') ?? []
  const point =
    measured.find(({ id, quantity }) => quantity === 'surface-temperature' && id === alert.point) ??
    measured.find(({ quantity }) => quantity === 'surface-temperature') ??
    measured.find(({ id }) => id === alert.point)
  const from = new Date(spanFrom(now())).toISOString()
  const { answer } = useKept<Aggregates>(
    point && `/v1/points/${point.id}/aggregates?by=hour&from=${from}`,
    REFRESH_MS,
  )
  const hours = answer ? hoursOf(answer.data) : []
  const known = hours.filter(hour => hour.low !== null)
  if (!point || !answer || known.length === 0) return <p class="soft">{t.history.none}</p>
  const measure = (value: number) => format.measure(value, point.unitLabel)
  const label = say(point.label)
  const range = ({ low, high }: Hour) =>
    low === null || high === null ? t.history.unknown : `${measure(low)} … ${measure(high)}`
  const summary = t.history.summary(
    label,
    measure(Math.min(...known.map(({ low }) => low!))),
    measure(Math.max(...known.map(({ high }) => high!))),
  )
  return (
    <section class="crew-history" aria-label={`${t.history.title}, ${alert.siteName ?? alert.site}`}>
      <h4>{t.history.title}</h4>
      <p>{summary}</p>
      <Sparkline hours={hours} />
      <table>
        <thead>
          <tr>
            <th scope="col">{t.history.hour}</th>
            <th scope="col">{t.history.range}</th>
          </tr>
        </thead>
        <tbody>
          {hours.toReversed().map(hour => (
            <tr key={hour.start}>
              <th scope="row">{format.clock(hour.start)}</th>
              <td>{range(hour)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft">{t.history.as(format.moment(answer.at))}</p>
    </section>
  )
}
