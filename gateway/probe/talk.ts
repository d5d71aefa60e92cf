/** How a probe tells what it finds, while it goes on. */
export interface Talk {
  say(text: string): void
  /** What it is at, and what part of that is done. */
  step(name: string, done?: number): void
}
