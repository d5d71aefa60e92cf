import { useCallback, useEffect, useState } from 'preact/hooks'
import { get } from '../api/client.ts'
import { type Resource, useLoaded } from '../api/resource.ts'
import type { LatestPoints, LiveEvents, Reading } from '../api/types.ts'
import { setHubTime } from '../clock.ts'
import { useHub, useLiveEvent, useReconnect } from '../hub.ts'

export interface Readings {
  newest: ReadonlyMap<string, Reading>
  answer: Resource<LatestPoints>
}

/** The newest reading of each point of a site: of the last answer, or of what came live since. */
export function useReadings(site: string): Readings {
  const { live } = useHub()
  const path = `/v1/points/latest?site=${site}`
  const answer = useLoaded(path, async () => {
    const latest = await get<LatestPoints>(path)
    setHubTime(latest.time)
    return latest
  })
  const [newest, setNewest] = useState<ReadonlyMap<string, Reading>>(new Map())
  const take = useCallback((found: [string, Reading][]) => {
    setNewest(before => {
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
  return { newest, answer }
}
