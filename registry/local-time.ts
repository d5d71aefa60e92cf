import { z } from 'zod'

/** A civil time of the territory. Texts of this form compare as times. */
export const localTime = z.iso.datetime({
  local: true,
  precision: -1,
  error: 'write a local time like 2026-11-13T12:00',
})
