import { useCallback, useEffect, useState } from 'preact/hooks'
import { useResource } from '../api/resource.ts'
import type { LatestPoints, LiveEvents, Point, Reading } from '../api/types.ts'
import { type Known, knownOf } from '../freshness.ts'
import { useHub, useLiveEvent, useReconnect } from '../hub.ts'
import type { Dictionary } from '../i18n/fr.ts'
import { useSpeech } from '../i18n/language.ts'
import { Icon } from './icons.tsx'
import { Notice } from './notice.tsx'
import { useNow } from './tick.ts'

/** What each point of a site says now, by device; what is not known says why, and never shows an old number. */
export function LiveValues({ site, points }: { site: string; points: Point[] }) {
  const { t } = useSpeech()
  const { readings, answer } = useReadings(site)
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
              {devices.size > 1 && <h3>{deviceName(device)}</h3>}
              <dl>
                {points.map(point => (
                  <Value
                    key={point.id}
                    point={point}
                    known={knownOf(readings.get(point.id), point.intervalMs, time)}
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

/** The newest reading of each point: of the last answer, or of what came live since. */
function useReadings(site: string) {
  const { live } = useHub()
  const answer = useResource<LatestPoints>(`/v1/points/latest?site=${site}`)
  const [readings, setReadings] = useState<ReadonlyMap<string, Reading>>(new Map())
  const take = useCallback((found: [string, Reading][]) => {
    setReadings(before => {
      const after = new Map(before)
      for (const [point, reading] of found) {
        const known = after.get(point)
        if (!known || reading.time >= known.time) after.set(point, reading)
      }
      return after
    })
  }, [])
  useEffect(() => {
    take(answer.data?.points.flatMap(({ point, reading }) => (reading ? [[point, reading]] : [])) ?? [])
  }, [answer.data, take])
  const hear = useCallback(
    ({ readings }: LiveEvents['readings']) =>
      take(
        readings.filter(({ point }) => point.startsWith(`${site}/`)).map(reading => [reading.point, reading]),
      ),
    [site, take],
  )
  useLiveEvent(live, 'readings', hear)
  useReconnect(live, answer.reload)
  return { readings, answer }
}

function stateText({ quantity }: Point, value: boolean | string | null, t: Dictionary): string {
  if (typeof value !== 'boolean') return value ?? t.value.unknown
  if (quantity === 'fault' || quantity === 'occupancy' || quantity === 'precipitation') {
    return t.value[quantity][value ? 'true' : 'false']
  }
  return value ? t.value.on : t.value.off
}

/** `electricite-annexe` reads as `Electricite annexe`: the registry names devices by their ids only. */
export function deviceName(device: string): string {
  const words = device.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
