/** Every topic of the hub, in one place. Plain MQTT 3.1.1 filters: no shared subscriptions. */
const ROOT = 'affluent/v1'

export const topics = {
  readings: (sender: string) => `${ROOT}/${sender}/readings`,
  alertEvents: (sender: string) => `${ROOT}/${sender}/alerts`,
  acknowledgements: (sender: string) => `${ROOT}/${sender}/ack`,
  status: (sender: string) => `${ROOT}/${sender}/status`,
  /** The live set: retained, one topic an alert, emptied on resolve. */
  liveAlert: (alert: string) => `${ROOT}/alerts/${alert}`,
  alertCommands: `${ROOT}/commands/alerts`,
  /** Ingest says here that it has (re)started: senders send again what is unacknowledged. */
  ingestHello: `${ROOT}/ingest/hello`,
} as const

export const filters = {
  allReadings: `${ROOT}/+/readings`,
  allAlertEvents: `${ROOT}/+/alerts`,
  allStatuses: `${ROOT}/+/status`,
  allLiveAlerts: `${ROOT}/alerts/+`,
} as const
