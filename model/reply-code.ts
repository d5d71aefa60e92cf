import { createHash } from 'node:crypto'

/** Nothing that is taken for something else when it is read off a telephone. */
const DIGITS = '234679'
const SIGNS = `${DIGITS}ACDEFGHJKMNPQRTUVWXY`

/** A digit first, so that it is no word. */
export const REPLY_CODE = new RegExp(`[${DIGITS}][${SIGNS}]{2}`)

/**
 * Which alert an SMS answers, as it was after so many changes. It is no secret, and two alerts may share one: whoever
 * answers is known by their number.
 */
export function replyCodeOf(alert: string, change: number): string {
  const [first, second, third] = createHash('sha256')
    .update(JSON.stringify([alert, change]))
    .digest()
  const sign = (of: string, byte: number | undefined) => of[byte! % of.length]
  return `${sign(DIGITS, first)}${sign(SIGNS, second)}${sign(SIGNS, third)}`
}
