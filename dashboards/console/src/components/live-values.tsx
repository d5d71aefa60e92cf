import type { Point } from '../api/types.ts'
import { type Known, knownOf } from '../freshness.ts'
import type { Dictionary } from '../i18n/fr.ts'
import { useSpeech } from '../i18n/language.ts'
import { Icon } from './icons.tsx'
import { Notice } from './notice.tsx'
import type { Readings } from './readings.ts'
import { useNow } from './tick.ts'

/** What each point of a site says now, by device; what is not known says why, and never shows an old number. */
export function LiveValues({
  points,
  readings: { newest, answer },
}: {
  points: Point[]
  readings: Readings
}) {
  const { t } = useSpeech()
  const time = useNow(1000)
  const devices = Map.groupBy(points, point => point.device)
  return (
    <section aria-labelledby="values-title">
      <h2 id="values-title">{t.site.values}</h2>
      <Notice of={answer} />
      {answer.data && (
        <div class="devices">
          {[...devices].map(([device, points]) => (
            <section key={device} class="card device" aria-label={`${t.value.device} ${device}`}>
              {devices.size > 1 && (
                <h3>
                  <code>{device}</code>
                </h3>
              )}
              <dl>
                {points.map(point => (
                  <Value
                    key={point.id}
                    point={point}
                    known={knownOf(newest.get(point.id), point.intervalMs, time)}
                    time={time}
                  />
                ))}
              </dl>
            </section>
          ))}
        </div>
      )}
    </section>
  )
}

function Value({ point, known, time }: { point: Point; known: Known; time: number }) {
  const { t, format, say } = useSpeech()
  const age = 'time' in known ? format.ago(time - known.time) : ''
  if (known.state !== 'current') {
    const reason =
      known.state === 'missing'
        ? t.value.missing
        : known.state === 'stale'
          ? t.value.stale(age)
          : known.reason
            ? t.reason[known.reason]
            : t.value.noReason
    return (
      <div class="value value-unknown">
        <dt>{say(point.label)}</dt>
        <dd>
          <span class="value-now">
            <Icon name="unknown" /> {t.value.unknown}
          </span>
          <span class="value-note">{reason}</span>
        </dd>
      </div>
    )
  }
  return (
    <div class="value">
      <dt>{say(point.label)}</dt>
      <dd>
        <span class="value-now">
          {typeof known.value === 'number'
            ? format.measure(known.value, point.unitLabel)
            : stateText(point, known.value, t)}
        </span>
        <span class="value-note">
          {age}
          {known.uncertain &&
            ` · ${known.uncertain === 'uncertain' ? t.value.uncertainPlain : t.value.uncertain(t.reason[known.uncertain])}`}
        </span>
      </dd>
    </div>
  )
}

function stateText({ quantity }: Point, value: boolean | string | null, t: Dictionary): string {
  if (typeof value !== 'boolean') return value ?? t.value.unknown
  if (quantity === 'fault' || quantity === 'occupancy' || quantity === 'precipitation') {
    return t.value[quantity][value ? 'true' : 'false']
  }
  return value ? t.value.on : t.value.off
}
