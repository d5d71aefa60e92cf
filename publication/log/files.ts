/** The files of a log, in the folder `log` of a publication: all that is in them may be known to anybody. */
export const LEAVES_FILE = 'leaves.jsonl'
export const HEADS_FILE = 'heads.jsonl'
/** Of the key that signs now. */
export const PUBLIC_KEY_FILE = 'key.pem'
