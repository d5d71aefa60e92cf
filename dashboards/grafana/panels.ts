import {
  GraphDrawStyle,
  LegendDisplayMode,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type Unit, unitLabel } from '../../model/units.ts'
import type { Point } from '../../registry/registry.ts'
import { DATASOURCE, hourlyMeanOf, meanOf, target } from './influxql.ts'

/** Grafana's names of the units that it knows; others are shown with their label behind the number. */
const GRAFANA_UNITS: Partial<Record<Unit, string>> = {
  'kW.h': 'kwatth',
  'W.h': 'watth',
  kW: 'kwatt',
  W: 'watt',
  Cel: 'celsius',
  '%': 'percent',
  hPa: 'pressurehpa',
  'm/s': 'velocityms',
  'km/h': 'velocitykmh',
  mm: 'lengthmm',
  m: 'lengthm',
  km: 'lengthkm',
  '[ppm]': 'ppm',
  m3: 'm3',
  L: 'litre',
}

function grafanaUnit(unit: Unit): string {
  return GRAFANA_UNITS[unit] ?? (unit === '1' ? 'none' : `suffix: ${unitLabel(unit)}`)
}

export function timeSeries(title: string, unit: Unit): PanelBuilder {
  return new PanelBuilder()
    .title(title)
    .datasource(DATASOURCE)
    .unit(grafanaUnit(unit))
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .span(12)
    .height(8)
}

/** A line for each point, from the readings. */
export function measurePanel(title: string, points: readonly Point[], language: 'fr' | 'en'): PanelBuilder {
  const panel = timeSeries(title, points[0]!.unit).showPoints(VisibilityMode.Never)
  for (const [i, point] of points.entries())
    panel.withTarget(target(letter(i), point.label[language], meanOf(point.id)))
  return panel
}

/** The same points over a year, from the rollups. */
export function yearPanel(title: string, points: readonly Point[], language: 'fr' | 'en'): PanelBuilder {
  const panel = timeSeries(title, points[0]!.unit).showPoints(VisibilityMode.Never).timeFrom('1y')
  for (const [i, point] of points.entries())
    panel.withTarget(target(letter(i), point.label[language], hourlyMeanOf(point.id)))
  return panel
}

export function barPanel(title: string, unit: Unit): PanelBuilder {
  return timeSeries(title, unit).drawStyle(GraphDrawStyle.Bars).fillOpacity(60)
}

/** A, B, … Z, AA: the reference of a query within its panel. */
export function letter(index: number): string {
  const last = String.fromCharCode(65 + (index % 26))
  return index < 26 ? last : letter(Math.floor(index / 26) - 1) + last
}
