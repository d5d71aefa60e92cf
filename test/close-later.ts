import { onTestFinished } from 'vitest'

/** Closes a part after the test: what was started last is closed first. */
export function closeLater<T extends { close(): unknown }>(part: T): T {
  onTestFinished(async () => {
    await part.close()
  })
  return part
}
