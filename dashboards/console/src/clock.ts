/**
 * The only place that asks for the time. Ages are counted by the hub's clock: a phone's may be minutes off, and
 * would make a fresh value look stale, or a stale one fresh.
 */
let offsetMs = 0

/** Takes the hub's time, as a heartbeat or an answer carries it. */
export function setHubTime(time: string): void {
  offsetMs = Date.parse(time) - Date.now()
}

/** The hub's time, ms UTC. */
export function now(): number {
  return Date.now() + offsetMs
}
