/**
 * The only place that asks for the time. Ages are counted by the hub's clock: a phone's may be minutes off, and
 * would make a fresh value look stale, or a stale one fresh.
 */
let offsetMs = 0
const listeners = new Set<() => void>()

/** Takes the hub's time, as a heartbeat or an answer carries it. */
export function setHubTime(time: string): void {
  const before = offsetMs
  offsetMs = Date.parse(time) - Date.now()
  if (Math.abs(offsetMs - before) > 1000) for (const listener of listeners) listener()
}

/** Calls the listener when this device's clock turns out to be off. */
export function onHubTime(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The hub's time, ms UTC. */
export function now(): number {
  return Date.now() + offsetMs
}

/** This device's time, ms UTC: for the age of what stays on it, whatever the hub's clock says. */
export function deviceNow(): number {
  return Date.now()
}

/** The moment of this device at a time of the hub. */
export function deviceTimeOf(hubTime: number): number {
  return hubTime - offsetMs
}

/** The hub's time at a moment of this device. */
export function hubTimeOf(deviceTime: number): number {
  return deviceTime + offsetMs
}
