/** Every topic of the hub, in one place. Plain MQTT 3.1.1 filters: no shared subscriptions. */
const ROOT = 'affluent/v1'

export const topics = {
  readings: (sender: string) => `${ROOT}/${sender}/readings`,
  alertEvents: (sender: string) => `${ROOT}/${sender}/alerts`,
  acknowledgements: (sender: string) => `${ROOT}/${sender}/ack`,
  status: (sender: string) => `${ROOT}/${sender}/status`,
  /** What a gateway is to run: retained, signed by the hub. */
  registry: (sender: string) => `${ROOT}/${sender}/registry`,
  /** The live set: retained, one topic an alert, emptied on resolve. */
  liveAlert: (alert: string) => `${ROOT}/alerts/${alert}`,
  /** What a source of forecasts issued last: retained. Deeper than a sender's, whatever the source is called. */
  forecasts: (source: string) => `${ROOT}/forecasts/${source}/issued`,
  alertCommands: `${ROOT}/commands/alerts`,
  /** Ingest says here that it takes the sender's batches from now on: it sends again what is unacknowledged. */
  hello: (sender: string) => `${ROOT}/${sender}/hello`,
  /** The same, to all senders. */
  ingestHello: `${ROOT}/ingest/hello`,
} as const

export const filters = {
  allReadings: `${ROOT}/+/readings`,
  allAlertEvents: `${ROOT}/+/alerts`,
  allStatuses: `${ROOT}/+/status`,
  allAcknowledgements: `${ROOT}/+/ack`,
  allLiveAlerts: `${ROOT}/alerts/+`,
  allForecasts: `${ROOT}/forecasts/+/issued`,
} as const

/** The sender that a topic names: `affluent/v1/<sender>/…`. */
export function senderOf(topic: string): string {
  const from = topic.indexOf('/', topic.indexOf('/') + 1) + 1
  if (from === 0) return ''
  const to = topic.indexOf('/', from)
  return to < 0 ? topic.slice(from) : topic.slice(from, to)
}

/** Whether a topic falls under a filter (MQTT 3.1.1, clause 4.7). */
export function topicMatches(filter: string, topic: string): boolean {
  if (filter === topic) return true
  const wanted = filter.split('/')
  const levels = topic.split('/')
  // [MQTT-4.7.2-1]: a wildcard at the first level does not match topics that begin with $.
  if (topic.startsWith('$') && wanted[0] !== levels[0]) return false
  for (const [i, want] of wanted.entries()) {
    if (want === '#') return true
    if (i >= levels.length || (want !== '+' && want !== levels[i])) return false
  }
  return wanted.length === levels.length
}
