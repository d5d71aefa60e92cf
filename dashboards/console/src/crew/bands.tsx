import type { Alert, AlertHistory } from '../api/types.ts'
import { dangerName } from '../i18n/dangers.ts'
import { useSpeech } from './speech.ts'
import { useKept } from './use-kept.ts'

const REFRESH_MS = 600_000
const WIDTH = 240
const HEIGHT = 12

/** What the alert's rule has said of its point in the last twelve hours: as bands, and in words. */
export function Bands({ alert }: { alert: Alert }) {
  const speech = useSpeech()
  const { t, format } = speech
  const { answer } = useKept<AlertHistory>(`/v1/sites/${alert.site}/alert-history`, REFRESH_MS)
  const history = answer?.data.histories.find(
    ({ rule, point }) => rule === alert.rule && point === alert.point,
  )
  if (!answer || !history) return null
  const [from, to] = [Date.parse(answer.data.from), Date.parse(answer.data.to)]
  const x = (time: string) => ((Date.parse(time) - from) * WIDTH) / (to - from)
  const { phenomenon, phenomenonName } = alert
  return (
    <section class="crew-history" aria-label={t.bands.title}>
      <h4>{t.bands.title}</h4>
      <svg class="crew-bands" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {history.bands.map(band => (
          <rect
            key={band.from}
            class={`tone-${band.severity ?? 'none'}`}
            x={x(band.from)}
            width={x(band.to) - x(band.from)}
            height={HEIGHT}
          />
        ))}
      </svg>
      <ol>
        {history.bands.toReversed().map(band => (
          <li key={band.from}>
            {t.bands.span(format.clock(band.from), format.clock(band.to))}{' '}
            <strong>
              {band.severity === null
                ? t.bands.none
                : `${
                    dangerName(
                      {
                        phenomenon: band.phenomenon,
                        phenomenonName: band.phenomenon === phenomenon ? phenomenonName : null,
                      },
                      speech,
                    ) ?? t.bands.some
                  } (${t.severity[band.severity]})`}
            </strong>
          </li>
        ))}
      </ol>
    </section>
  )
}
