import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { INTERVAL_MS, TIME_ZONE } from './territory.ts'

/** kWh an hour beyond which an index is not believed, and steps to a kWh. */
const MOST_PER_HOUR = 10_000
const STEPS_PER_UNIT = 10

/** Of the file that the figures go into. */
export const SCHEMA = [
  'CREATE TABLE meter (meter VARCHAR, point VARCHAR, size BIGINT)',
  `CREATE TABLE consumption (meter VARCHAR, period VARCHAR, start BIGINT, stop BIGINT, amount BIGINT,
    covered_ms BIGINT, readings INTEGER)`,
  // What was gained from one index to another; none where one does not follow from the other.
  `CREATE MACRO raised(steps, later_steps, size) AS CASE WHEN later_steps >= steps THEN later_steps - steps
    WHEN later_steps - steps + size <= size / 2 THEN later_steps - steps + size END`,
  `CREATE MACRO gain(earlier, steps, later, later_steps, size) AS
    CASE WHEN raised(steps, later_steps, size)
      <= ${MOST_PER_HOUR * STEPS_PER_UNIT} * greatest(1, (later - earlier) / ${HOUR_MS}) + 1
    THEN raised(steps, later_steps, size) END`,
  `CREATE MACRO civil(unit, instant) AS
    epoch_ms(timezone('${TIME_ZONE}', date_trunc(unit, timezone('${TIME_ZONE}', make_timestamptz(instant * 1000)))))`,
  `CREATE MACRO civil_end(unit, start) AS epoch_ms(timezone('${TIME_ZONE}',
    timezone('${TIME_ZONE}', make_timestamptz(start * 1000)) + to_days(CASE unit WHEN 'day' THEN 1 ELSE 0 END)
      + to_months(CASE unit WHEN 'month' THEN 1 ELSE 0 END)))`,
]

/**
 * Hours from the readings, days from hours, months from days: those from an instant on, for the meters between
 * two row numbers. An index from which the next one does not follow, while it follows from the one before, is
 * spurious; one that does not follow and from which the next ones go on begins anew.
 */
export function closingStatements(from: number, until: number, first: number, last: number): string[] {
  const some = `(SELECT * FROM meter WHERE rowid >= ${first} AND rowid < ${last})`
  const remove = (period: string, since: string) =>
    `DELETE FROM consumption WHERE period = '${period}' AND start >= ${since}
       AND meter IN (SELECT meter FROM ${some})`
  const sum = (part: string, whole: string) => `INSERT INTO consumption
    SELECT meter, '${whole}', civil('${whole}', start) AS since, civil_end('${whole}', since), sum(amount),
      sum(covered_ms), sum(readings)
    FROM consumption SEMI JOIN ${some} USING (meter)
    WHERE period = '${part}' AND start >= civil('${whole}', ${from}) GROUP BY meter, since`
  return [
    `CREATE OR REPLACE TEMP TABLE good AS
      SELECT meter, size, time, round(num * ${STEPS_PER_UNIT})::BIGINT AS steps
      FROM store.reading JOIN store.point ON point.id = point_id JOIN store.quality ON quality.id = quality_id
      JOIN ${some} ON point = name
      WHERE code = 'good' AND time >= ${from - DAY_MS} AND time < ${until}`,
    `CREATE OR REPLACE TEMP TABLE believed AS
      SELECT meter, size, time, steps FROM (
        SELECT *, lag(time) OVER w AS before, lag(steps) OVER w AS steps_before,
          lead(time) OVER w AS after, lead(steps) OVER w AS steps_after
        FROM good WINDOW w AS (PARTITION BY meter ORDER BY time))
      WHERE before IS NULL OR gain(before, steps_before, time, steps, size) IS NOT NULL
        OR gain(before, steps_before, after, steps_after, size) IS NULL`,
    remove('hour', String(from)),
    `INSERT INTO consumption
      WITH pair AS (
        SELECT meter, before, time, gain(before, steps_before, time, steps, size) AS gain FROM (
          SELECT *, lag(time) OVER w AS before, lag(steps) OVER w AS steps_before
          FROM believed WINDOW w AS (PARTITION BY meter ORDER BY time))
        WHERE gain IS NOT NULL AND time > ${from}),
      part AS (
        SELECT *, greatest(hour, before) - before AS elapsed, least(hour + ${HOUR_MS}, time) - before AS until
        FROM (SELECT *, unnest(range(before - before % ${HOUR_MS}, time, ${HOUR_MS})) AS hour FROM pair)),
      hourly AS (
        SELECT meter, hour, sum(gain * until // (time - before) - gain * elapsed // (time - before)) AS amount,
          sum(CASE WHEN time - before <= ${2 * INTERVAL_MS} THEN until - elapsed ELSE 0 END) AS covered
        FROM part WHERE hour >= ${from} GROUP BY meter, hour),
      counted AS (
        SELECT meter, time - time % ${HOUR_MS} AS hour, count(*) AS readings FROM good GROUP BY meter, hour)
      SELECT meter, 'hour', hour, hour + ${HOUR_MS}, amount, covered, coalesce(readings, 0)
      FROM hourly LEFT JOIN counted USING (meter, hour)`,
    remove('day', `civil('day', ${from})`),
    sum('hour', 'day'),
    remove('month', `civil('month', ${from})`),
    sum('day', 'month'),
  ]
}
