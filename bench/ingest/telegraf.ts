import type { InfluxdbOptions } from '../../store/influxdb/connection.ts'
import type { Format } from '../load/readings.ts'

/** Readings that may be under way in Telegraf: as many as our window allows all senders together. */
const UNDER_WAY = 100_000

const PARSERS: Record<Exclude<Format, 'columns'>, string> = {
  lines: '  data_format = "influx"',
  objects: `  data_format = "json_v2"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "reading"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "metrics"
      timestamp_key = "time"
      timestamp_format = "unix_ms"
      tags = ["point"]
      [inputs.mqtt_consumer.json_v2.object.fields]
        value = "float"
        gatewayTime = "int"`,
}

/**
 * Telegraf as quick as it can be had with QoS 1: large batches, no compression on loopback, messages
 * acknowledged on receipt. (With `persistent_session` it would acknowledge after the write, and keep to the
 * broker's window of 20 messages.)
 */
export function telegrafConfig(settings: {
  brokerUrl: string
  influxdb: InfluxdbOptions
  format: Exclude<Format, 'columns'>
  readingsPerMessage: number
}): string {
  const { influxdb } = settings
  return `
[agent]
  omit_hostname = true
  metric_batch_size = 5000
  metric_buffer_limit = ${2 * UNDER_WAY}
  flush_interval = "1s"

[[outputs.influxdb_v2]]
  urls = ["${influxdb.url}"]
  token = "${influxdb.token}"
  organization = "${influxdb.org}"
  bucket = "${influxdb.bucket}"
  content_encoding = "identity"

[[inputs.mqtt_consumer]]
  servers = ["${settings.brokerUrl.replace('mqtt:', 'tcp:')}"]
  topics = ["bench/+"]
  topic_tag = ""
  qos = 1
  max_undelivered_messages = ${UNDER_WAY / settings.readingsPerMessage}
${PARSERS[settings.format]}
`
}
