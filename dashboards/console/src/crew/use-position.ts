import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Motion, stepMotion } from './motion.ts'

export interface Positioning {
  state: 'off' | 'waiting' | 'on' | 'refused'
  motion: Motion | undefined
  /** Asks the person for their position. */
  start(): void
}

/** Where the phone is: once the person has said that it may be known, then or on an earlier day. */
export function usePosition(): Positioning {
  const [wanted, setWanted] = useState(false)
  const [motion, setMotion] = useState<Motion>()
  const [refused, setRefused] = useState(false)
  const start = useCallback(() => {
    setRefused(false)
    setWanted(true)
  }, [])

  useEffect(() => {
    // Some browsers do not know the name of this permission.
    navigator.permissions?.query({ name: 'geolocation' }).then(
      ({ state }) => state === 'granted' && start(),
      () => {},
    )
  }, [start])

  useEffect(() => {
    if (!wanted) return
    const watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        const { latitude: lat, longitude: lon, accuracy, speed } = coords
        setMotion(before => stepMotion(before, { lat, lon, accuracy, speed, time: timestamp }))
      },
      // Where no position is found, as in a tunnel, the last one stands: a vehicle that moved is not known to rest.
      ({ code, PERMISSION_DENIED }) => {
        if (code !== PERMISSION_DENIED) return
        setRefused(true)
        setWanted(false)
      },
      { enableHighAccuracy: true, maximumAge: 5000 },
    )
    return () => navigator.geolocation.clearWatch(watch)
  }, [wanted])

  const state = refused ? 'refused' : !wanted ? 'off' : motion ? 'on' : 'waiting'
  return { state, motion, start }
}
