/**
 * Checks the version that a file of the hub was written with, undefined where the file is new.
 * @throws Error when it is newer than the one this program knows.
 */
export function checkSchemaVersion(file: string, found: number | undefined, known: number): void {
  if (found === undefined || found <= known) return
  throw new Error(
    `${file} was written by a newer version of Affluent (schema ${found}, this one knows ${known}): ` +
      'start that version, or another data folder',
  )
}
