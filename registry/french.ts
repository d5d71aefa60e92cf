/** What is said of mistakes in rules, for whoever reads French: what it is in English, and the same again. */
const SAYINGS: readonly [RegExp, string][] = [
  [/^unknown key$/, 'clé inconnue'],
  [/^is missing$/, 'manque'],
  [/^expected (\S+), received (\S+)$/, 'attendu : $1 ; reçu : $2'],
  [/^expected one of (.+)$/, 'attendu, au choix : $1'],
  [/^expected (.+)$/, 'attendu : $1'],
  [/^Too small: expected (\S+) to be >=?(\S+)$/, 'trop petit : au moins $2'],
  [/^Too small: expected (\S+) to have >=(\S+) \S+$/, 'trop court : au moins $2'],
  [/^Too big: expected (\S+) to be <=?(\S+)$/, 'trop grand : au plus $2'],
  [/^there is no channel (.+)$/, 'il n’y a pas de canal $1'],
  [/^there is no point (.+)$/, 'il n’y a pas de point $1'],
  [/^there is no rule (.+)$/, 'il n’y a pas de règle $1'],
  [/^there is another (.+) among the (.+)$/, 'il y a un autre $1 parmi les $2'],
  [/^there is no (\S+) among the (.+)$/, 'il n’y a pas de $1 parmi : $2'],
  [/^no point fits this$/, 'aucun point ne correspond'],
  [/^a rule does not inhibit itself$/, 'une règle ne s’inhibe pas elle-même'],
  [
    /^(\S+) is inhibited by (\S+): neither would be told$/,
    '$1 est inhibée par $2 : aucune des deux ne serait annoncée',
  ],
  [/^give either above or below$/, 'donner soit above, soit below'],
  [/^give either points, or a quantity or tag with .+$/, 'donner soit points, soit quantity ou tag'],
  [/^write a duration like (.+) or 1d$/, 'écrire une durée comme $1 ou 1d'],
  [/^write a text, or one for fr and one for en$/, 'écrire un texte, ou un pour fr et un pour en'],
  [/^write a point as (.+)$/, 'écrire un point ainsi : $1'],
  [/^must be longer than nothing$/, 'doit durer plus que rien'],
  [/^at least (\S+)$/, 'au moins $1'],
  [/^at most (\S+)$/, 'au plus $1'],
  [/^(\S+) is (\S+), which has no threshold$/, '$1 est de grandeur $2, qui n’a pas de seuil'],
  [/^(\S+) is (\S+), which is no number$/, '$1 est de grandeur $2, qui n’est pas un nombre'],
  [/^(\S+) is (\S+), which has no grades$/, '$1 est de grandeur $2, qui n’a pas de degrés'],
  [/^(\S+) is (\S+), which neither rises nor falls$/, '$1 est de grandeur $2, qui ne monte ni ne descend'],
  [/^(\S+) is (\S+), of which there is no difference$/, '$1 est de grandeur $2, sans différence possible'],
  [/^(\S+) would be compared with itself$/, '$1 serait comparé à lui-même'],
  [
    /^(\S+) speaks every (\S+) s only: allow twice as long, or more$/,
    '$1 ne parle que toutes les $2 s : laisser deux fois ce temps, ou plus',
  ],
  [
    /^(\S+) speaks every (\S+) s only: allow more$/,
    '$1 ne parle que toutes les $2 s : laisser plus de temps',
  ],
  [/^set (\S+), or (\S+), in the environment$/, 'définir $1, ou $2, dans l’environnement'],
  [
    /^the rule stands in its file in a way that cannot be edited here: edit the file$/,
    'la règle est écrite dans son fichier d’une façon qui ne se modifie pas ici : modifier le fichier',
  ],
]

/** The same in French; what has no French words stays as it is. */
export function inFrench(message: string): string {
  const saying = SAYINGS.find(([pattern]) => pattern.test(message))
  return saying ? message.replace(saying[0], saying[1]) : message
}
