import type { Forecasts, Site } from '../api/types.ts'
import { now } from '../clock.ts'
import { ForecastBands } from './forecast-bands.tsx'
import { currentForecasts, type ForecastHour, hoursAhead } from './forecast-hours.ts'
import { useSpeech } from './speech.ts'
import { useKept } from './use-kept.ts'

const REFRESH_MS = 600_000

/** What suppliers expect of the next hours, the coldest road first. What is stale is hidden, and said to be. */
export function Forecast({ sites }: { sites: readonly Site[] }) {
  const { t, format, say } = useSpeech()
  // Twice what is shown, for a phone without network.
  const { answer } = useKept<Forecasts>('/v1/forecasts?hours=12', REFRESH_MS)
  if (!answer || answer.data.sources.length === 0) return null
  const { current, missing } = currentForecasts(answer.data, now())
  const nameOf = (id: string) => {
    const site = sites.find(each => each.id === id)
    return [site?.name ?? id, site?.road].filter(Boolean).join(', ')
  }
  const roads = current
    .map(forecast => ({ site: forecast.site, hours: hoursAhead(forecast, now()) }))
    .sort((a, b) => lowestOf(a.hours) - lowestOf(b.hours))
  const issues = new Map(current.map(({ source, issued }) => [`${source} ${issued}`, { source, issued }]))
  return (
    <section class="crew-outlook" aria-labelledby="forecast">
      <h2 id="forecast">{t.forecast.title}</h2>
      {[...issues].map(([key, { source, issued }]) => {
        const name = answer.data.sources.find(({ id }) => id === source)?.name
        const age = format.ago(now() - Date.parse(issued))
        return (
          <p key={key} class="soft">
            {t.forecast.issued(name ? say(name) : source, format.moment(issued), age)}
          </p>
        )
      })}
      <ul>
        {roads.map(({ site, hours }) => (
          <li key={site}>
            <Road name={nameOf(site)} hours={hours} />
          </li>
        ))}
      </ul>
      {missing.length > 0 && <p>{t.forecast.missing(missing.map(nameOf).join(' ; '))}</p>}
    </section>
  )
}

const lowestOf = (hours: readonly ForecastHour[]) =>
  Math.min(...hours.flatMap(({ air, surface }) => [air, surface].filter(value => value !== null)))

/** In words and as a band; touched, hour by hour. */
function Road({ name, hours }: { name: string; hours: readonly ForecastHour[] }) {
  const { t, format } = useSpeech()
  const celsius = (value: number | null) =>
    value === null ? t.forecast.unknown : format.measure(value, '°C')
  const falling = (value: number | null) =>
    value === 0 ? t.forecast.nothing : value === null ? t.forecast.unknown : format.measure(value, 'mm/h')
  const hasSurface = hours.some(({ surface }) => surface !== null)
  return (
    <details class="crew-forecast">
      <summary>
        <strong>{name}</strong>
        <ForecastBands hours={hours} />
        <ForecastWords hours={hours} />
      </summary>
      <div class="crew-history">
        <table aria-label={`${t.forecast.title}, ${name}`}>
          <thead>
            <tr>
              <th scope="col">{t.history.hour}</th>
              <th scope="col">{t.forecast.air}</th>
              {hasSurface && <th scope="col">{t.forecast.surface}</th>}
              <th scope="col">{t.forecast.precipitation}</th>
            </tr>
          </thead>
          <tbody>
            {hours.map(({ start, air, surface, precipitation }) => (
              <tr key={start}>
                <th scope="row">{format.clock(start)}</th>
                <td>{celsius(air)}</td>
                {hasSurface && <td>{celsius(surface)}</td>}
                <td>{falling(precipitation)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function ForecastWords({ hours }: { hours: readonly ForecastHour[] }) {
  const { t, format } = useSpeech()
  const range = (name: 'air' | 'surface') => {
    const known = hours.flatMap(hour => hour[name] ?? [])
    const [low, high] = [Math.min(...known), Math.max(...known)]
    return known.length === 0
      ? undefined
      : t.forecast.range(t.forecast[name], format.measure(low, '°C'), format.measure(high, '°C'))
  }
  const known = hours.flatMap(({ precipitation }) => precipitation ?? [])
  const first = hours.find(({ precipitation }) => precipitation !== null && precipitation > 0)
  const precipitation = first
    ? t.forecast.falls(format.clock(first.start), format.measure(Math.max(...known), 'mm/h'))
    : known.length === 0
      ? t.forecast.precipitationUnknown
      : t.forecast.dry(known.length === hours.length)
  return <span>{[range('air'), range('surface'), precipitation].filter(Boolean).join(' ')}</span>
}
