import type { WriteStream } from 'node:tty'

const WIDTH = 30

/**
 * Shows the steps of a long start: on a terminal each is one line with a bar that grows, elsewhere a line
 * when it begins and at each quarter.
 */
export function showProgress(out: WriteStream): {
  step(name: string, done?: number): void
  /** A line on standard output, in place of the bar until the next step. */
  print(text: string): void
  end(): void
} {
  let current = ''
  let quarter = -1

  function drawn(name: string, done?: number): string {
    if (done === undefined) return `${name} …`
    const filled = Math.round(done * WIDTH)
    return `${name} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.floor(done * 100)} %`
  }

  return {
    step(name, done) {
      if (out.isTTY) {
        const lead = name === current || current === '' ? '' : '\n'
        out.write(`${lead}\r\x1b[K${drawn(name, done)}`)
      } else {
        const reached = Math.floor((done ?? 0) * 4)
        if (name === current && reached === quarter) return
        quarter = reached
        out.write(`${drawn(name, done)}\n`)
      }
      current = name
    },
    print(text) {
      if (out.isTTY && current) out.write('\r\x1b[K')
      console.log(text)
    },
    end() {
      if (out.isTTY && current) out.write('\n')
    },
  }
}

export function inMib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}
