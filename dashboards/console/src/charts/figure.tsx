import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Icon } from '../components/icons.tsx'
import { useSpeech } from '../i18n/language.ts'
import { DataTable, type Table } from './data-table.tsx'

interface FigureProps {
  title: string
  /** The drawing in one or two sentences. */
  summary: string
  tone?: string
  table: Table
  legend?: ComponentChildren
  children: ComponentChildren
}

/** A chart with its title, its summary in words, and its data as a table in its place on request. */
export function Figure({ title, summary, tone = '', table, legend, children }: FigureProps) {
  const { t } = useSpeech()
  const [asTable, setAsTable] = useState(false)
  const id = useId()
  return (
    <figure class={`card chart ${tone}`} aria-labelledby={id}>
      <div class="chart-head">
        <h3 id={id}>{title}</h3>
        <button
          type="button"
          class="button button-quiet"
          aria-describedby={id}
          onClick={() => setAsTable(shown => !shown)}
        >
          <Icon name={asTable ? 'chart' : 'table'} />
          {asTable ? t.chart.showChart : t.chart.showTable}
        </button>
      </div>
      <figcaption class="chart-summary">{summary}</figcaption>
      {asTable ? (
        <DataTable table={table} title={title} />
      ) : (
        <>
          {children}
          {legend}
        </>
      )}
    </figure>
  )
}
