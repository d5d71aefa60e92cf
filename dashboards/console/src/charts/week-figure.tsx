import { now } from '../clock.ts'
import { isComplete, type Period } from '../consumption.ts'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { daysOf, meanOf, type WeekDay } from '../week.ts'
import { Figure } from './figure.tsx'
import { summaryOf } from './periods-figure.tsx'

interface WeekFigureProps {
  title: string
  /** The custom property of its colour. */
  property: string
  unitLabel: string
  /** The hours of some days, whole and ascending. */
  hours: Period[]
}

/** Hours by day and by clock: the more, the darker and the higher filled, so that colour tells nothing alone. */
export function WeekFigure({ title, property, unitLabel, hours }: WeekFigureProps) {
  const speech = useSpeech()
  const { t, format } = speech
  const days = daysOf(hours)
  const most = Math.max(0, ...hours.map(({ amount }) => amount ?? 0))
  const summary = summaryOf(hours, unitLabel, 'hour', speech)
  return (
    <Figure
      title={title}
      summary={summary}
      table={tableOf(days, speech)}
      legend={
        <ul class="chart-legend" style={{ '--swatch': `var(${property})` }}>
          <li class="swatch">{t.chart.legendComplete}</li>
          <li class="swatch swatch-striped">{t.chart.legendIncomplete}</li>
          <li class="swatch swatch-none">{t.chart.none}</li>
        </ul>
      }
    >
      <div
        class="week"
        role="img"
        aria-label={`${title}. ${summary}`}
        style={{ '--swatch': `var(${property})` }}
      >
        {days.map(day => (
          <div key={day.start} class="week-day">
            <span class="week-name">{format.shortDay(day.start)}</span>
            {day.hours.map((ofClock, clock) => (
              <Hour key={`${day.start} ${clock}`} hours={ofClock} most={most} />
            ))}
          </div>
        ))}
        <div class="week-day week-clock">
          <span class="week-name" />
          {[0, 6, 12, 18].map(clock => (
            <span key={clock}>{clockName(clock)}</span>
          ))}
        </div>
      </div>
    </Figure>
  )
}

function Hour({ hours, most }: { hours: readonly Period[]; most: number }) {
  if (hours.length === 0) return <span />
  const mean = meanOf(hours)
  if (mean === undefined) return <span class="week-hour week-none" />
  const time = now()
  const striped = hours.every(hour => isComplete(hour, time)) ? '' : 'week-striped'
  return (
    <span
      class={`week-hour ${striped}`}
      style={{ '--share': String(most > 0 ? Math.max(0, mean) / most : 0) }}
    />
  )
}

function tableOf(days: readonly WeekDay[], { t, format }: Speech) {
  const time = now()
  const write = (hour: Period) => {
    if (hour.amount === null) return t.chart.none
    const amount = format.exact(hour.amount)
    return isComplete(hour, time) ? amount : `${amount}, ${t.chart.incomplete}`
  }
  return {
    columns: [t.week.hour, ...days.map(({ start }) => format.shortDay(start))],
    rows: Array.from({ length: 24 }, (_, clock) => [
      clockName(clock),
      ...days.map(({ hours }) => hours[clock]!.map(write).join(' + ') || '–'),
    ]),
  }
}

function clockName(clock: number): string {
  return `${String(clock).padStart(2, '0')}:00`
}
