/** Whether one thing is another, or leads to it over however many others. */
export function reaches(from: string, to: string, next: (id: string) => readonly string[]): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true
    if (seen.has(at)) continue
    seen.add(at)
    open.push(...next(at))
  }
  return false
}
