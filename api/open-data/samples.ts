/** How to get a dataset in one go, in the language of each, and some of its rows: those that were revised. */
export function codeSamples(csv: string, parquet: string, records: string): { name: string; code: string }[] {
  return [
    { name: 'curl', code: `curl --compressed -o donnees.csv ${csv}` },
    {
      name: 'Python (pandas)',
      code: `import pandas as pd\n\ndf = pd.read_csv("${csv}", dtype={"code_commune": str})`,
    },
    {
      name: 'R',
      code: `df <- read.csv("${csv}", colClasses = c(code_commune = "character"), encoding = "UTF-8")`,
    },
    { name: 'DuckDB', code: `SELECT * FROM '${parquet}'` },
    {
      name: 'curl (API Explore 2.1, ODSQL)',
      code: `curl -G ${records} --data-urlencode "where=revision > 0" --data-urlencode "limit=100"`,
    },
  ]
}
