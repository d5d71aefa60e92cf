import { NODE_PREFIX, NODES } from './territory.ts'

/** Telegraf that watches the variables at an interval of a second, and drops what it hears. */
export function telegrafConfig(port: number): string {
  const nodes = Array.from(
    { length: NODES },
    (_, i) => `
  [[inputs.opcua_listener.nodes]]
    name = "${NODE_PREFIX}${i}"
    namespace = "1"
    identifier_type = "s"
    identifier = "${NODE_PREFIX}${i}"
    [inputs.opcua_listener.nodes.monitoring_params]
      sampling_interval = "1s"
      queue_size = 10
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

[[inputs.opcua_listener]]
  endpoint = "opc.tcp://127.0.0.1:${port}"
  security_policy = "None"
  security_mode = "None"
  subscription_interval = "1s"
  timestamp = "source"
${nodes.join('')}`
}
