/** What an address answers, as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: answers have many shapes, and expect looks at each
export async function ask(url: string): Promise<any> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`)
  return answer.json()
}
