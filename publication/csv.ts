/**
 * One record after RFC 4180: fields with a comma, a quote or a line break are quoted, and the line ends
 * with CRLF, as text/csv prescribes.
 */
export function csvRecord(fields: readonly string[]): string {
  return `${fields.map(quote).join(',')}\r\n`
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
