/** One metric in the text format of Prometheus, version 0.0.4. */
export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'summary'
  samples: Sample[]
}

export interface Sample {
  /** Behind the metric's name, such as `_sum` of a summary. */
  suffix?: string
  labels?: Record<string, string>
  value: number
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** A metric of one sample without labels. */
export function single(type: 'counter' | 'gauge', name: string, help: string, value: number): Metric {
  return { name, help, type, samples: [{ value }] }
}

export function writeExposition(metrics: readonly Metric[]): string {
  return metrics.map(writeMetric).join('')
}

function writeMetric({ name, help, type, samples }: Metric): string {
  const lines = samples.map(
    ({ suffix = '', labels = {}, value }) => `${name}${suffix}${writeLabels(labels)} ${writeValue(value)}\n`,
  )
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function writeValue(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value)
}

function writeLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
