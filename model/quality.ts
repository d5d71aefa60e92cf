/** Quality of a reading, after the three classes of OPC-UA (Part 8, status code severity). */
const QUALITIES = ['good', 'uncertain', 'bad'] as const
export type Quality = (typeof QUALITIES)[number]

/** Why a reading is not simply good. A closed list: prose belongs in the log. */
export const REASONS = [
  /** The device did not answer in time. */
  'timeout',
  /** No connection to the device. */
  'disconnected',
  /** The device answered with an exception of its protocol (Modbus exception code, OPC-UA Bad status). */
  'exception',
  /** The answer could not be decoded into the declared type. */
  'undecodable',
  /** The value lies outside what the registry declares possible. */
  'out-of-range',
  /** The device itself reports its sensor as faulty or its value as not available. */
  'sensor-fault',
  /** The source time is too far from the gateway's clock. */
  'clock',
  /** Several readings carried one source time; this one was moved to the next free millisecond. */
  'time-moved',
  /** The server vouches for the value only in part (OPC-UA Uncertain status). */
  'uncertain-source',
] as const
export type Reason = (typeof REASONS)[number]

/**
 * Quality and reason in one short string, as batches and stores carry them:
 * `good`, `good:time-moved`, `uncertain:clock`, `bad:timeout`.
 */
export type QualityCode = Quality | `${Quality}:${Reason}`

/** Every code there is; a set, so that a check costs one look-up. */
export const QUALITY_CODES: ReadonlySet<string> = new Set(
  QUALITIES.flatMap(quality => [quality, ...REASONS.map(reason => `${quality}:${reason}`)]),
)

export function qualityCode(quality: Quality, reason?: Reason): QualityCode {
  return reason ? `${quality}:${reason}` : quality
}

export function qualityOf(code: QualityCode): Quality {
  const colon = code.indexOf(':')
  return (colon < 0 ? code : code.slice(0, colon)) as Quality
}

export function reasonOf(code: QualityCode): Reason | undefined {
  const colon = code.indexOf(':')
  return colon < 0 ? undefined : (code.slice(colon + 1) as Reason)
}
