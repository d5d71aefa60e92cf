/** The filters without those that another one covers: some brokers deliver once for each that matches. */
export function widestFilters(filters: Iterable<string>): string[] {
  const all = [...new Set(filters)]
  return all.filter(filter => !all.some(other => other !== filter && covers(other, filter)))
}

/** Whether every topic of one filter falls under the other. */
function covers(wide: string, narrow: string): boolean {
  const wanted = wide.split('/')
  const levels = narrow.split('/')
  for (const [i, want] of wanted.entries()) {
    if (want === '#') return true
    const level = levels[i]
    if (level === undefined || level === '#' || (want !== '+' && want !== level)) return false
  }
  return wanted.length === levels.length
}
