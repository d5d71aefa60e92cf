import { z } from 'zod'
import { documentTimeZone, documentValueFields, pointer, scalar } from './document-schema.ts'
import { tlsSchema } from './tls-schema.ts'

/** What the registry says of devices that speak through a foreign MQTT broker. */

export const MQTT_FORMATS = [
  'json',
  'telegraf-json',
  'zigbee2mqtt',
  'tasmota',
  'chirpstack-v4',
  'sparkplug-b',
] as const

const topicFilter = z
  .string()
  .regex(
    /^(?!.*#.)(?:(?:[^+#/]*|\+)\/)*(?:[^+#/]*|\+|#)$/,
    'write a topic filter: + stands for one whole level, # for all the rest',
  )
  .min(1)

const where = z
  .record(pointer, scalar)
  .describe('Only messages in which these JSON Pointers lead to these values; case is of no matter.')

/** Which messages speak of a point, and where in them; `{site}` and `{device}` stand in topics as for OPC-UA. */
export const mqttSourceSchema = z.strictObject({
  topic: topicFilter.describe("Default: the device's.").optional(),
  ...documentValueFields,
  metric: z.string().min(1).describe('The name of the metric, for sparkplug-b only.').optional(),
  where: where.default({}),
})

export const mqttDeviceFields = {
  format: z.enum(MQTT_FORMATS).default('json'),
  address: z
    .string()
    .regex(/^[^+#]+$/, 'an address has neither + nor #')
    .describe(
      'What the other side calls it: friendly name, topic, devEUI, <group>/<node>[/<device>]. Default: its id.',
    )
    .optional(),
  topic: topicFilter.describe("Where its points are spoken of. Default: the format's.").optional(),
  availability: topicFilter
    .describe('Where it is said to be online or offline, as a text or as {"state": …}.')
    .optional(),
  where: where.default({}),
  timeZone: documentTimeZone,
}

export const mqttConnectionFields = {
  url: z
    .string()
    .regex(
      /^mqtts?:\/\/[^/@\s]+$/,
      'write mqtt://host:port or mqtts://host:port; username and password have keys of their own',
    ),
  username: z.string().min(1).optional(),
  password: z
    .string()
    .min(1)
    .describe('A variable of the environment, never the password itself.')
    .optional(),
  tls: tlsSchema.optional(),
  version: z.union([z.literal('3.1.1'), z.literal(5)], 'write 3.1.1 or 5').default('3.1.1'),
  session: z
    .enum(['clean', 'persistent'])
    .describe('Persistent: the broker keeps messages of QoS 1 and 2 while the gateway is away.')
    .default('clean'),
  clientId: z.string().min(1).max(65_535).describe('Default: affluent-<id of the connection>.').optional(),
  silence: z
    .int()
    .min(1)
    .describe('After so many intervals without a message a point is bad:timeout.')
    .default(3),
  maxPayload: z.int().min(1).describe('Longer messages are dropped; bytes.').default(262_144),
}

export type MqttFormat = (typeof MQTT_FORMATS)[number]
export type MqttSource = z.output<typeof mqttSourceSchema>
