import type { Alert, AlertEvent } from '../../model/alert.ts'
import type { Reading } from '../../model/reading.ts'
import type { ConsumptionFigure, FigureStore } from '../../store/figures.ts'
import type { Aggregate, ReadingStore } from '../../store/readings.ts'
import type { RecordStore, StoredToken } from '../../store/records.ts'

export function memoryReadings(readings: Reading[] = [], aggregates: Aggregate[] = []): ReadingStore {
  const of = (point: string) => readings.filter(r => r.point === point).sort((a, b) => a.time - b.time)
  return {
    write: async columns => {
      columns.points.forEach((point, i) => {
        readings.push({
          point,
          time: columns.times[i]!,
          value: columns.values[i]!,
          quality: columns.qualities[i]!,
          gatewayTime: columns.gatewayTimes[i]!,
        })
      })
      return { written: columns.points.length, repeated: 0, conflicts: [] }
    },
    positions: async () => [],
    latest: async points => points.flatMap(point => of(point).slice(-1)),
    range: async (point, from, to, limit) =>
      of(point)
        .filter(r => r.time >= from && r.time < to)
        .slice(0, limit),
    aggregate: async () => aggregates,
    close: async () => {},
  }
}

export function memoryFigures(): FigureStore {
  const kept: (ConsumptionFigure & { meter: string; period: string })[] = []
  return {
    replace: async (meter, period, _from, _to, figures) =>
      void kept.push(...figures.map(f => ({ ...f, meter, period }))),
    consumption: async (meter, period, from, to) =>
      kept.filter(f => f.meter === meter && f.period === period && f.start >= from && f.start < to),
    allConsumption: async () => [],
    close: async () => {},
  }
}

export function memoryRecords(): RecordStore {
  const events: AlertEvent[] = []
  const tokens: (StoredToken & { hash: string })[] = []
  const entries: { time: number; actor: string; action: string; target: string }[] = []
  const alerts = () => [...new Map(events.map(e => [e.alert.id, e.alert])).values()]
  return {
    writeAlertEvents: numbered => void events.push(...numbered.map(n => n.event)),
    positions: () => [],
    alerts: ({ state, site, limit }) =>
      alerts()
        .filter(
          (a: Alert) =>
            (!state || (a.state === 'resolved') === (state === 'resolved')) && (!site || a.site === site),
        )
        .slice(0, limit),
    alert: id => alerts().find(a => a.id === id),
    alertEvents: id => events.filter(e => e.alert.id === id),
    addToken: token => void tokens.push(token),
    findToken: hash => tokens.find(t => t.hash === hash),
    tokens: () => tokens,
    revokeToken: (id, at) => {
      const token = tokens.find(t => t.id === id)
      if (token) token.revokedAt = at
      return token !== undefined
    },
    spendToken: (id, at) => {
      const token = tokens.find(t => t.id === id)
      if (!token || token.spentAt) return false
      token.spentAt = at
      return true
    },
    audit: entry => void entries.push(entry),
    auditEntries: limit => entries.slice(-limit).reverse(),
    close: () => {},
  }
}
