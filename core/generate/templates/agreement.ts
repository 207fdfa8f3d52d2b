/**
 * English agreement for the echo: the client says "I was sure my boss saw me", the assistant says "you were sure your
 * boss saw you". Rules over words, no parser: facts are short spoken clauses, and test/unit/generate/agreement.test.ts
 * holds the list of constructions that must come out right. What people said inside quotation marks is left alone.
 */

const PRONOUNS: Readonly<Record<string, string>> = {
  i: 'you',
  me: 'you',
  my: 'your',
  mine: 'yours',
  "mine's": 'yours is',
  myself: 'yourself',
  "i'm": "you're",
  "i've": "you've",
  "i'd": "you'd",
  "i'll": "you'll",
  we: 'you',
  us: 'you',
  our: 'your',
  ours: 'yours',
  ourselves: 'yourselves',
  "we're": "you're",
  "we've": "you've",
  "we'd": "you'd",
  "we'll": "you'll",
}

/** Forms of *be* that change with the subject; each is only touched when its subject is *I*. */
const BE: Readonly<Record<string, string>> = { am: 'are', was: 'were', "wasn't": "weren't" }

const SUBJECT_I = new Set(['i', "i'm", "i've", "i'd", "i'll"])
const OTHER_SUBJECT = new Set([
  'he', 'she', 'it', 'they', 'we', 'this', 'that', 'there', 'who', 'which', 'what', 'everyone', 'everybody', 'someone',
  'somebody', 'nobody', 'nothing', 'everything', 'something', 'people', "it's", "he's", "she's", "they're", "that's", "there's",
  'one', 'everything', 'anything', 'all', 'both', 'half', 'part', 'none',
]) // prettier-ignore
/** Words that may stand between *I* and its verb. */
const BETWEEN = new Set([
  'just', 'really', 'still', 'also', 'only', 'even', 'not', 'never', 'always', 'often', 'already', 'once', 'kind', 'sort', 'of', 'so',
  'too', 'all', 'almost', 'nearly', 'quite', 'now', 'then', 'again', 'maybe', 'probably', 'somehow', 'either', 'alone', 'both', 'myself', 'soon', 'ever', 'later',
]) // prettier-ignore
const JOINS = new Set(['and', 'but', 'or', 'then', 'yet'])
/** Words that open a clause or phrase with a subject of its own. */
const BREAKS = new Set([
  'because', 'that', 'when', 'while', 'if', 'since', 'until', 'after', 'before', 'as', 'though', 'although', 'where', 'how', 'why', 'whether', 'than',
]) // prettier-ignore

/**
 * A first-person phrase as somebody speaking **to** that person would say it.
 * "I froze and was shaking" -> "you froze and were shaking"; "my mum said 'I can't'" keeps the quotation.
 */
export function secondPerson(text: string): string {
  if (!/\b(I|i|me|my|mine|myself|we|us|our|ours|ourselves)\b/i.test(text)) return text
  const tokens = text
    .split(/(\s+|[,;:—–()]|(?<=^|[\s(])'(?=\S)|(?<=\S)'(?=$|[\s.,;:!?)]))/)
    .filter((token) => token !== '')
  const out: string[] = []
  let quoted = false
  // The subject of the clause at hand: 'i', something else, or not seen yet.
  let subject: 'i' | 'other' | undefined
  let lastSubject: 'i' | 'other' | undefined
  let sinceJoin: string[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    if (token === "'") {
      // A closing mark needs an opening one before it: the boys' room opens nothing and closes nothing.
      if (quoted) quoted = false
      else if (isOpening(tokens, at)) quoted = true
      out.push(token)
      continue
    }
    if (quoted || /^\s+$/.test(token)) {
      out.push(token)
      continue
    }
    const [, head = '', core = '', tail = ''] = /^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/u.exec(token) ?? []
    const word = core.toLowerCase()
    if (/^[,;:—–()]$/.test(token)) {
      if (token !== ',') subject = undefined
      sinceJoin = []
      out.push(token)
      continue
    }
    if (JOINS.has(word) && isCoordinatedI(tokens, at)) {
      // "my sister and I": the partner stands before *and*, so the subject is the pair.
      subject = 'i'
      lastSubject = 'i'
      out.push(token)
      continue
    }
    if (BREAKS.has(word) && !(word === 'that' && Object.hasOwn(BE, nextWord(tokens, at)))) {
      if (subject !== undefined) lastSubject = subject
      subject = undefined
      sinceJoin = []
      out.push(token)
      continue
    }
    if (JOINS.has(word)) {
      if (subject !== undefined) lastSubject = subject
      subject = undefined
      sinceJoin = []
      out.push(token)
      continue
    }
    if (SUBJECT_I.has(word) && (core === 'I' || core.startsWith("I'"))) {
      subject = 'i'
      sinceJoin = []
      out.push(head + cased(core, PRONOUNS[word] ?? core, at === 0) + tail)
      continue
    }
    if (OTHER_SUBJECT.has(word) && !(subject === 'i' && isObject(word, nextWord(tokens, at)))) subject = 'other'
    const be = BE[word]
    if (be !== undefined) {
      const asks = SUBJECT_I.has(nextWord(tokens, at))
      // After a join with nothing but adverbs in between, the subject of the clause before goes on.
      const carried = subject === undefined && lastSubject === 'i' && sinceJoin.every(isAdverb)
      const direct = subject === 'i' && sinceJoin.every((between) => isAdverb(between))
      out.push(head + (asks || direct || carried ? cased(core, be, false) : core) + tail)
      sinceJoin.push(word)
      continue
    }
    const pronoun = SUBJECT_I.has(word) ? undefined : PRONOUNS[word]
    if (pronoun !== undefined && !(word === 'us' && core === 'US')) {
      out.push(head + cased(core, pronoun, at === 0) + tail)
      sinceJoin.push(word)
      continue
    }
    sinceJoin.push(word)
    out.push(token)
  }
  return out.join('')
}

function isAdverb(word: string): boolean {
  return BETWEEN.has(word) || word.endsWith('ly')
}

function isOpening(tokens: readonly string[], at: number): boolean {
  const before = tokens[at - 1]
  if (before !== undefined && !/[\s(,:—–]$/.test(before)) return false
  return tokens.slice(at + 1).includes("'")
}

function isCoordinatedI(tokens: readonly string[], at: number): boolean {
  return tokens[at]?.toLowerCase() === 'and' && tokens[at + 2] === 'I' && at > 0
}

/** "I saw it and was scared": words that may be either are objects where nothing is said of them. */
function isObject(word: string, next: string): boolean {
  return (
    MAY_BE_OBJECT.has(word) &&
    (next === '' || /^[^\p{L}]/u.test(next) || JOINS.has(next) || BREAKS.has(next) || AFTER_OBJECTS.has(next))
  )
}
const MAY_BE_OBJECT = new Set([
  'it', 'this', 'that', 'one', 'all', 'both', 'half', 'part', 'none', 'anything', 'something', 'nothing', 'everything', 'people', 'someone', 'somebody',
  'nobody', 'everyone', 'everybody',
]) // prettier-ignore
const AFTER_OBJECTS = new Set([
  'at', 'in', 'on', 'to', 'for', 'with', 'from', 'of', 'about', 'into', 'over', 'under', 'by', 'out', 'up', 'down', 'off', 'back', 'away', 'again', 'there', 'here',
]) // prettier-ignore

function nextWord(tokens: readonly string[], at: number): string {
  for (let next = at + 1; next < tokens.length; next++) {
    const token = tokens[next] ?? ''
    if (/\S/.test(token)) return token.toLowerCase()
  }
  return ''
}

/** Keeps a capital only where the sentence gave it one; *I* has its capital from spelling, not from its place. */
function cased(original: string, replacement: string, first: boolean): string {
  if (original === 'I' || original.startsWith("I'")) return replacement
  const capital = original[0] !== original[0]?.toLowerCase() && first
  return capital ? replacement.charAt(0).toUpperCase() + replacement.slice(1) : replacement
}

const DOUBLING = new Set([
  'run', 'sit', 'set', 'put', 'get', 'let', 'cut', 'stop', 'plan', 'swim', 'chat', 'ban', 'jot', 'skip', 'drop', 'step', 'shut', 'hug', 'dig', 'tap', 'pop',
  'win', 'begin', 'forget', 'admit', 'commit', 'log', 'nap', 'spot', 'quit', 'rub', 'scan', 'ship', 'shop', 'slip', 'tip', 'trim', 'unplug', 'plug', 'wrap', 'bet',
  'map', 'pin', 'hit', 'submit', 'refer', 'prefer', 'knit', 'mop', 'pat', 'pet', 'zip', 'strip', 'flip', 'grab', 'beg', 'jog', 'blog', 'unwrap', 'trip', 'rip', 'sip', 'swap', 'hum', 'stir', 'scrub', 'nod', 'snap', 'strum', 'spin', 'shed', 'split', 'chop', 'clap', 'clip', 'drag',
  'fit', 'grin', 'peg', 'pot', 'shred', 'shrug',
]) // prettier-ignore

/** "send the letter" -> "sending the letter"; "not answer" -> "not answering"; joined verbs each: "sit and write" -> "sitting and writing". */
export function gerund(verbPhrase: string): string {
  const words = verbPhrase.split(' ')
  let at = 0
  while (
    at < words.length - 1 &&
    /^(?:not|just|simply|once|only|\w+ly)$/.test(words[at] ?? '') &&
    !VERBS_IN_LY.has(words[at] ?? '')
  )
    at++
  words[at] = gerundOf(words[at] ?? '')
  // "sit down and write": a base verb after *and* goes along only when it is one that is surely a verb.
  let quoted = false
  for (let next = at + 1; next < words.length - 1; next++) {
    const word = words[next] ?? ''
    const joined = words[next + 1] ?? ''
    if (word.startsWith("'")) quoted = true
    if (/'[,.;:]?$/.test(word)) quoted = false
    if (quoted) continue
    if (word !== 'and' && word !== 'or' && word !== 'then') continue
    if (word === 'then' && words[next - 1] !== 'and') continue
    if (joined === 'not') {
      words[next + 2] = gerundOf(words[next + 2] ?? '')
      continue
    }
    const verb = joined.replace(/[^a-z]+$/, '')
    if (SURE_VERBS.has(verb) || (MAYBE_VERBS.has(verb) && TAKEN_BY_VERBS.has(words[next + 2] ?? '')))
      words[next + 1] = gerundOf(joined)
  }
  return words.join(' ')
}

const VERBS_IN_LY = new Set(['rely', 'apply', 'reply', 'fly', 'supply', 'comply', 'tally', 'rally', 'bully'])

const SURE_VERBS = new Set([
  'write', 'ask', 'tell', 'send', 'say', 'go', 'see', 'leave', 'put', 'let', 'sit', 'read', 'give', 'take', 'do', 'make', 'stop', 'turn', 'eat', 'keep', 'stay', 'come',
  'listen', 'choose', 'pick', 'try', 'bring', 'close', 'open', 'show', 'start', 'tick', 'cross', 'notice', 'find', 'count', 'add', 'reply', 'get', 'hang', 'hand', 'throw', 'delete', 'move', 'set', 'buy', 'cook', 'walk', 'call', 'play', 'sleep', 'draw', 'press', 'hold', 'spend', 'wait', 'share', 'invite', 'admit', 'decide', 'look', 'think', 'rest', 'circle', 'underline', 'feel', 'be', 'have', 'post', 'offer', 'arrive', 'wake', 'become', 'wear', 'bake', 'book', 'drink', 'sing', 'watch', 'check',
]) // prettier-ignore

/** Nouns as well: verbs only when something follows that verbs take. */
const MAYBE_VERBS = new Set([
  'wave', 'knock', 'hum', 'nod', 'print', 'water', 'feed', 'wash', 'pack', 'fold', 'light', 'lay', 'lie', 'stand', 'pull', 'push', 'paint', 'plant', 'ride', 'drive',
  'swim', 'text', 'ring', 'message', 'email', 'type', 'copy', 'cut', 'tear', 'paste', 'pin', 'pour', 'stir', 'taste', 'bake', 'order', 'pay', 'cancel', 'accept',
  'refuse', 'agree', 'explain', 'describe', 'name', 'list', 'mark', 'note', 'dance', 'stretch', 'touch', 'smell', 'wear', 'clean', 'sweep', 'sort', 'empty', 'fill', 'carry',
  'lift', 'drop', 'return', 'visit', 'join', 'sign', 'fix', 'mend', 'practise', 'learn', 'teach', 'run', 'climb', 'skip', 'shake', 'kiss', 'hug', 'stroke', 'thank', 'warn',
  'promise', 'plan', 'park', 'switch', 'record', 'film', 'photograph', 'shut', 'breathe', 'laugh', 'greet', 'lock', 'stick', 'strike', 'swap', 'measure', 'mention', 'pass', 'place',
  'roll', 'save', 'sew', 'slip', 'spell', 'spread', 'stand', 'suggest', 'sum', 'support', 'swallow', 'thread', 'tidy', 'tie', 'tip', 'trace', 'treat', 'trust', 'use', 'weigh', 'wipe', 'wrap',
  'answer', 'follow', 'leave', 'lend', 'match', 'meet', 'peel', 'settle', 'point', 'work', 'talk', 'speak', 'whisper', 'shout', 'whistle', 'wish', 'wonder', 'help', 'forget', 'remember', 'allow',
]) // prettier-ignore
const TAKEN_BY_VERBS = new Set([
  'the', 'a', 'an', 'my', 'your', 'his', 'her', 'their', 'our', 'it', 'them', 'him', 'me', 'you', 'us', 'at', 'to', 'up', 'down', 'out', 'in', 'off', 'on', 'that', 'what', 'how', 'whether', 'one',
  'two', 'three', 'nothing', 'something', 'back', 'away', 'there', 'until', 'this', 'these', 'those', 'some', 'no', 'every', 'each', 'who', 'why', 'where', 'about', 'through', 'along', 'over',
]) // prettier-ignore

function gerundOf(verb: string): string {
  const [, word = verb, tail = ''] = /^(.*?)([^a-z]*)$/i.exec(verb) ?? []
  if (word === 'be') return `being${tail}`
  if (word === 'see' || word.endsWith('ee') || word.endsWith('oe') || word.endsWith('ye')) return `${word}ing${tail}`
  if (word.endsWith('ie')) return `${word.slice(0, -2)}ying${tail}`
  if (word.endsWith('e') && word.length > 2) return `${word.slice(0, -1)}ing${tail}`
  if (DOUBLING.has(word)) return `${word}${word.at(-1)}ing${tail}`
  return `${word}ing${tail}`
}

/** *a* or *an* before the word that follows, by sound as far as spelling shows it. */
export function indefinite(text: string): string {
  return text.replace(/\b([Aa])n?(?=\s+["'“‘(]?([\p{L}\d]+))/gu, (whole, article: string, next: string) => {
    if (whole.length === 1 && article === 'A' && /^[A-Z]/.test(next)) return whole
    return startsWithVowelSound(next) ? `${article}n` : article
  })
}

function startsWithVowelSound(word: string): boolean {
  // Most words show it by their first letter; only h, e, o, u and digits need a second look.
  const first = word.charCodeAt(0) | 32
  if (first === 97 || first === 105) return true
  if (first >= 98 && first <= 122 && first !== 101 && first !== 104 && first !== 111 && first !== 117) return false
  const lower = word.toLowerCase()
  if (/^(hour|honest|honou?r|heir)/.test(lower)) return true
  if (/^(uni([^mn]|$)|use|usu|eu|ewe|one|once|ubiq|u[rt][aei])/.test(lower)) return false
  if (/^8|^11$|^18$/.test(lower)) return true
  return /^[aeiou]/.test(lower)
}

const PLURAL_NOUNS = new Set(['people', 'children', 'men', 'women', 'feet', 'kids', 'parents', 'mice', 'teeth', 'folk'])
const SINGULAR_IN_S = /(ss|us|is|news|series|maths|physics|gas|bus|lens|as)$/
const AFTER_HEAD =
  /(?<!-)\b(up|down|upstairs|downstairs|of|with|in|at|for|from|to|about|that|which|who|whose|on|by|when|where|while|if|over|under|before|after|during|between|behind|beside|next|since|until|after|without|against|my|our|the|and)\b(?!-)/

/**
 * Whether verbs after the noun phrase are plural: "my exams", "Mum and me", "the three of us"; not "ringing up customers",
 * "the bus". By the last word of its head, as far as spelling shows it.
 */
export function isPlural(nounPhrase: string): boolean {
  const lower = nounPhrase.toLowerCase()
  if (
    /^(\w+ly )?\w{2,}ing\b/.test(lower) &&
    !/^(morning|evening|everything|something|nothing|thing|building|wedding)s?\b/.test(lower)
  )
    return false
  if (/^(the )?(two|three|four|five|six|seven|both|all|these|those|several|many|most) /.test(lower)) return true
  if (/^(what|how|whether|being|having|not) /.test(lower)) return false
  const [, determiner = '', rest = lower] =
    /^((?:the|my|our|his|her|their|a|an|this|that|these|those) )?(.*)$/.exec(lower) ?? []
  const cut = AFTER_HEAD.exec(rest)
  if (cut !== null && cut[0] === 'and' && cut.index > 0 && determiner !== 'a ' && !/ (and) (off|on|down)\b/.test(rest))
    return true
  const head = (cut === null || cut.index === 0 ? rest : rest.slice(0, cut.index)).trim().replace(/[,;:].*$/, '')
  const noun = head.split(' ').at(-1) ?? ''
  if (PLURAL_NOUNS.has(noun)) return true
  return (
    /[a-z]s$/.test(noun) &&
    !SINGULAR_IN_S.test(noun) &&
    !noun.endsWith("'s") &&
    determiner !== 'a ' &&
    determiner !== 'an '
  )
}
