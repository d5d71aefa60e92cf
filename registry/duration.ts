import { z } from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'

const MS = { ms: 1, s: 1000, min: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const

/** `10s`, `15min`, `1h`; in milliseconds once read. */
export const duration = z
  .string()
  .regex(/^\d+(?:\.\d+)?(?:ms|s|min|h|d)$/, 'write a duration like 500ms, 10s, 15min, 1h or 1d')
  .transform(text => {
    const [, amount, unit] = /^([\d.]+)([a-z]+)$/.exec(text)!
    return Number(amount) * MS[unit as keyof typeof MS]
  })
