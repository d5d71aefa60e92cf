/** How to get a dataset in one go, in the language of each. */
export function codeSamples(csv: string, parquet: string): { name: string; code: string }[] {
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
  ]
}
