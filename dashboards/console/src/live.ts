import type { LiveEvents } from './api/types.ts'
import { now, setHubTime } from './clock.ts'

export interface LiveState {
  /** `live` only while heartbeats come. */
  connected: boolean
  /** Since when it is so, ms UTC of the hub. */
  since: number
}

type Listeners = { [Name in keyof LiveEvents]: Set<(data: LiveEvents[Name]) => void> }

/** A connection that may be replaced at any time; listeners stay. */
export interface Live {
  state(): LiveState
  onState(listener: (state: LiveState) => void): () => void
  on<Name extends keyof LiveEvents>(name: Name, listener: (data: LiveEvents[Name]) => void): () => void
  /** Narrows the readings to one site; a phone then receives only what it shows. */
  watch(site: string | undefined): void
  close(): void
}

/** The hub beats every 15 s: after two missed beats the line is dead, whatever the browser believes. */
const SILENCE_MS = 40_000
const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 30_000

/**
 * Opens `/v1/live`. The browser's own reconnecting gives up after an HTTP error and does not notice a dead line,
 * so each connection is watched, and replaced with growing delays.
 */
export function openLive(): Live {
  const listeners: Listeners = {
    heartbeat: new Set(),
    readings: new Set(),
    alert: new Set(),
    gateway: new Set(),
  }
  const stateListeners = new Set<(state: LiveState) => void>()
  let state: LiveState = { connected: false, since: now() }
  let site: string | undefined
  let source: EventSource | undefined
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const later = (action: () => void, delay: number) => {
    clearTimeout(timer)
    timer = setTimeout(action, delay)
  }
  const setConnected = (connected: boolean) => {
    if (state.connected === connected) return
    state = { connected, since: now() }
    for (const listener of stateListeners) listener(state)
  }
  const lose = () => {
    source?.close()
    setConnected(false)
    later(connect, Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS))
  }
  const hear = <Name extends keyof LiveEvents>(from: EventSource, name: Name) => {
    from.addEventListener(name, event => {
      const data: LiveEvents[Name] = JSON.parse((event as MessageEvent).data)
      if (name === 'heartbeat') setHubTime((data as LiveEvents['heartbeat']).time)
      failures = 0
      setConnected(true)
      later(lose, SILENCE_MS)
      for (const listener of listeners[name]) listener(data)
    })
  }
  const connect = () => {
    source?.close()
    source = new EventSource(site === undefined ? '/v1/live' : `/v1/live?site=${site}`)
    source.onerror = lose
    for (const name of Object.keys(listeners) as (keyof LiveEvents)[]) hear(source, name)
    later(lose, SILENCE_MS)
  }
  const onOnline = () => {
    if (!state.connected) later(connect, 0)
  }
  addEventListener('online', onOnline)
  addEventListener('offline', lose)
  connect()

  return {
    state: () => state,
    onState: listener => {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    on: (name, listener) => {
      listeners[name].add(listener)
      return () => listeners[name].delete(listener)
    },
    watch: wanted => {
      if (wanted === site) return
      site = wanted
      connect()
    },
    close: () => {
      removeEventListener('online', onOnline)
      removeEventListener('offline', lose)
      clearTimeout(timer)
      source?.close()
    },
  }
}
