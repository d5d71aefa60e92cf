/** Telegraf that reads devices every second, by as few requests as it can, and drops what it has read. */
export function telegrafConfig(ports: readonly number[], points: number): string {
  const fields = Array.from(
    { length: points },
    (_, address) => `{ address = ${address}, name = "f${address}", type = "UINT16" },`,
  ).join('\n      ')
  const inputs = ports.map(
    port => `
[[inputs.modbus]]
  name = "device-${port}"
  timeout = "1s"
  controller = "tcp://127.0.0.1:${port}"
  configuration_type = "request"
  [[inputs.modbus.request]]
    slave_id = 1
    byte_order = "ABCD"
    register = "holding"
    fields = [
      ${fields}
    ]
`,
  )
  return `
[agent]
  interval = "1s"
  omit_hostname = true
  metric_batch_size = 5000
  metric_buffer_limit = 200000
  flush_interval = "1s"

[[outputs.file]]
  files = ["/dev/null"]
  data_format = "influx"
  namepass = ["nothing"]
${inputs.join('')}`
}
