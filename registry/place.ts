/** A name with the ids of a device in the place of `{site}` and `{device}`. */
export function place(name: string, site: string, device: string): string {
  return name.replaceAll('{site}', site).replaceAll('{device}', device)
}
