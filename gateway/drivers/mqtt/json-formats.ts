import type { MqttFormat } from '../../../registry/mqtt-schema.ts'

/** What is known of a product's JSON, where the registry does not say otherwise. */
export interface JsonFormat {
  /** Where a device's values come. */
  topic?: (address: string) => string
  /** JSON Pointer to the source's time. */
  time?: string
  /** Where devices, or what stands between, are said to be online or offline; from the topic of the values. */
  availability?: (topic: string, address: string) => string[]
  /** What a message of the device holds: value by JSON Pointer. */
  where?: (address: string) => Record<string, string>
  /** JSON Pointer to a list, in messages that carry several. */
  list?: string
}

export const JSON_FORMATS: Record<Exclude<MqttFormat, 'sparkplug-b'>, JsonFormat> = {
  json: {},
  'telegraf-json': {
    topic: () => 'telegraf/#',
    time: '/timestamp',
    list: '/metrics',
  },
  zigbee2mqtt: {
    topic: address => `zigbee2mqtt/${address}`,
    // Only where `advanced.last_seen` is set.
    time: '/last_seen',
    availability: (topic, address) => [
      `${topic}/availability`,
      ...(topic.endsWith(`/${address}`) ? [`${topic.slice(0, -address.length)}bridge/state`] : []),
    ],
  },
  tasmota: {
    topic: address => `tele/${address}/SENSOR`,
    time: '/Time',
    availability: topic => [topic.replace(/[^/]*$/, 'LWT')],
  },
  'chirpstack-v4': {
    topic: address => `application/+/device/${address.toLowerCase()}/event/up`,
    time: '/time',
    where: address => ({ '/deviceInfo/devEui': address }),
  },
}
