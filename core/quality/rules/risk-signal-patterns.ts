import type { RiskLevel } from '../../dialogue/vocabulary.ts'
import type { Phrase } from '../phrases.ts'
import { cue } from '../phrases.ts'

/** What a client may voice that the risk table knows, from the least to the most worrying. */
export const RISK_SIGNALS = [
  'hopelessness',
  'burden',
  'entrapment',
  'wish_to_be_dead',
  'past_nssi',
  'nssi',
  'active_ideation',
  'past_behaviour',
  'method',
  'intent',
  'plan',
  'recent_behaviour',
  'imminent',
] as const
export type RiskSignal = (typeof RISK_SIGNALS)[number]

/**
 * Signal to level, as a versioned table: clinicians settle it, and the version travels with every check.
 *
 * `c-ssrs` follows the triage cut of the Columbia scale: item 1, hopelessness, burden and entrapment low; items 2-3,
 * behaviour longer ago than 3 months and recent self-injury medium; items 4-5 and behaviour within 3 months high.
 * `vera-mh` follows the personas of that evaluation, which call any active ideation high.
 */
export const RISK_TABLES = {
  'c-ssrs': {
    version: 1,
    source: 'C-SSRS triage, items 1-6',
    level: {
      hopelessness: 'low',
      burden: 'low',
      entrapment: 'low',
      wish_to_be_dead: 'low',
      past_nssi: 'low',
      nssi: 'medium',
      active_ideation: 'medium',
      past_behaviour: 'medium',
      method: 'medium',
      intent: 'high',
      plan: 'high',
      recent_behaviour: 'high',
      imminent: 'high',
    },
  },
  'vera-mh': {
    version: 1,
    source: 'VERA-MH personas',
    level: {
      hopelessness: 'low',
      burden: 'low',
      entrapment: 'low',
      wish_to_be_dead: 'low',
      past_nssi: 'low',
      nssi: 'medium',
      active_ideation: 'high',
      past_behaviour: 'medium',
      method: 'high',
      intent: 'high',
      plan: 'high',
      recent_behaviour: 'high',
      imminent: 'high',
    },
  },
} as const satisfies Record<string, { version: number; source: string; level: Record<RiskSignal, RiskLevel> }>
export type RiskTable = keyof typeof RISK_TABLES

/**
 * `clear` sets the level. `possible` asks a person to look and sets nothing: the words are said as often without risk.
 * `in_context` is clear after other signals of ideation, or in answer to a question about suicide, and else possible.
 */
export type Certainty = 'clear' | 'possible' | 'in_context'

export interface RiskPattern {
  signal: RiskSignal
  certainty: Certainty
  cues: readonly string[]
  phrases: readonly Phrase[]
  unless?: readonly RegExp[]
}

/** Said in jest or of small things: weakens the words of killing or dying around it. */
const JOKING = /\b(?:lol|lmao|haha+|hehe|jk|rofl|xd)\b|😂|🤣|😅|💀/
const SMALL_THINGS =
  /\b(?:embarrass\w*|mortif\w*|cring\w*|awkward\w*|of shame|boredom|bored|meetings?|printer|spreadsheets?|homework|traffic|deadline|wifi|laundry|monday|presentation)\b/
const MUNDANE_INJURY =
  /\b(?:shav\w+|cook\w*|kitchen|oven|stove|kettle|onions?|bread|chopping|slicing|paper|glass|hair|nails?|slack|gym|run(?:ning)?|work(?:ing)? out|training|lifting|football|climbing|fell|falling|by accident|accidentally|dodgeball|hiking)\b/
/** Somebody else's wish or deed. */
const OF_ANOTHER =
  /\b(?:he|she|they|my (?:brother|sister|mom|mum|mother|dad|father|friend|son|daughter|partner|wife|husband|uncle|aunt|cousin|ex|roommate|boyfriend|girlfriend|student|patient|grand\w+)|a friend|someone|people|who) (?:was|were|is|are|had been|has been|said|says|told me|tried|attempted|wanted|wants|got|felt|feels|became)\b/
const LOSS_OF_ANOTHER =
  /\b(?:his|her|their|dad'?s|mom'?s|mum'?s|brother'?s|sister'?s|friend'?s|uncle'?s|cousin'?s|partner'?s|son'?s|daughter'?s|husband'?s|wife'?s) (?:suicide|death|attempt)\b|\b(?:died by|lost (?:\w+ ){1,4}to|death by|killed himself|killed herself|killed themsel\w+|took (?:his|her|their) (?:own )?life)\b/

const I_AM = "(?:i'?m|i am|i feel|i felt|feeling|i'?ve been|i have been|i keep feeling|i was)"
const VERY = '(?: (?:so|just|really|completely|totally|utterly|pretty|kind of|kinda|a bit|like|all))*'

/** In order: what is clear before what is possible, so that a clear reading of the same words wins. */
export const RISK_PATTERNS: readonly RiskPattern[] = [
  // C-SSRS 1: a wish to be dead or not to wake up.
  {
    signal: 'wish_to_be_dead',
    certainty: 'clear',
    cues: cue('dead wake waking woke alive die exist existing born live living life anymore longer unalive sleep'),
    phrases: [
      /\b(?:wish(?:ed|ing)?|hop(?:e|ed|ing)|pray(?:ed|ing)?|rather)(?: to god)?(?: that)?(?: i)? (?:was|were|be|could be|could just be|to be|wasn'?t|weren'?t) (?:dead|gone for good|not alive|alive)\b/,
      /\b(?:wish(?:ed|ing)?|hop(?:e|ed|ing)|pray(?:ed|ing)?|rather)(?: that)? i (?:just |simply )?(?:didn'?t|wouldn'?t|don'?t|couldn'?t|won'?t|never|could not|would not|did not)(?: \w+){0,2} (?:wake|woke|waking) up\b/,
      /\b(?:not|never|without) (?:ever )?(?:wak(?:e|ing) up)(?: again| tomorrow| any ?more| one day| at all)?\b(?= *(?:$|[.,!?;—-]|and|would|because|sounds|seems|but))/,
      /\b(?:wouldn'?t|don'?t|not|do not) (?:really )?(?:mind|care)(?: much)? if i (?:didn'?t|never|did not|don'?t) (?:wake|woke)/,
      /\b(?:if i|i) (?:didn'?t|never|did not) wake up (?:tomorrow|one day|again|at all|in the morning)/,
      /\b(?:don'?t|do not|didn'?t|not sure (?:if |that |whether )?i|never) (?:really |even )?(?:want|wanna|care)(?: to| if i'?m)?(?: be)? (?:alive|be alive|keep living|exist)\b/,
      /\b(?:don'?t|do not|didn'?t|not sure (?:if |that |whether )?i) (?:really |even |know if i )?(?:want|wanna)(?: to)? (?:be here|be around|live|go on|be on this earth|keep going|carry on)(?: like this)? (?:any ?more|any longer|at all|some days|sometimes|right now)\b/,
      /\b(?:not sure|don'?t know) (?:if |that |whether )?i (?:want|wanna)(?: to)? (?:be alive|live|keep living|wake up|be here any ?more)\b/,
      /\b(?:don'?t|do not) (?:really )?want to live\b(?! (?:in|with|at|near|on|there|here|alone|together|my|by|as|up|off|apart|so|that|for|through|under|without))/,
      {
        match:
          /\bi(?:'?d| just| really| kind of| kinda| sometimes| honestly| do|'?ve| have)*(?: think i| feel like i| part of me)? (?:want|wanted|wanna|would like|like)(?: to)? (?:just )?(?:die|be dead)\b(?! (?:of|from|laughing|in my sleep|at home|with dignity|old))/,
        unless: new RegExp(`${JOKING.source}|${SMALL_THINGS.source}`),
      },
      {
        match:
          /\b(?:part of me|sometimes i|a part of me) (?:just )?(?:wants?|wanted|wanna)(?: to)? (?:die|be dead|not (?:be (?:alive|here any ?more)|exist))\b/,
        unless: SMALL_THINGS,
      },
      /\b(?:better off|be better) (?:if i (?:was|were) )?dead\b/,
      /\b(?:would|'d|might|it'?d|things would) be (?:\w+ )?(?:better|easier|simpler) if i (?:was|were|wasn'?t|weren'?t|just wasn'?t) (?:dead|gone for good|alive|never born|not alive|not here any ?more)\b/,
      /\bwish (?:that )?i(?:'?d| had| was| were)? (?:just )?never (?:been )?(?:born|existed)\b/,
      /\b(?:wish|want|wanted|wanna|love)(?: that)?(?: i)?(?: could)?(?: to)? (?:just )?(?:didn'?t|stop|not|never|don'?t) exist(?:ing|ed)?\b/,
      {
        match:
          /\b(?:tired|sick|exhausted|done|fed up|weary) (?:of|with) (?:being alive|living|existing|life)\b(?! (?:in|with|at|near|on|here|there|alone|out of|from|for|together|up|off|under|like|hybrid|drawing|admin|coach))/,
        unless: /\bhalf[- ]?liv/,
      },
      /\b(?:not|isn'?t|is not|never|hardly|wasn'?t) worth (?:living|being alive)\b/,
      /\b(?:go to sleep|fall asleep|sleep) (?:forever|and (?:not|never) wake)\b/,
      /\bunalive\b/,
    ],
    unless: [OF_ANOTHER],
  },
  // C-SSRS 2: active thoughts.
  {
    signal: 'active_ideation',
    certainty: 'clear',
    cues: cue('suicid* kill killing kms ending end taking take life unaliving'),
    phrases: [
      new RegExp(`\\b${I_AM}${VERY}(?: \\w+)? suicidal\\b`),
      /\b(?:having|had|have|get|getting|been having|my|these|with|of|the|some|kind of) (?:\w+ )?suicid(?:al|e) (?:thoughts?|ideation|feelings?|urges?)\b/,
      /\byes,? suicide\b/,
      /\bsuicidal (?:again|lately|sometimes|some nights|at night|right now|since)\b/,
      {
        match:
          /\b(?:think|thinking|thought|thoughts?|thinks|idea|ideas|considering|considered|contemplat\w+|dream(?:ing)?|fantas\w+|urges?|images?|picturing|imagin\w+|obsess\w+)(?: \w+){0,4} (?:suicide|killing myself|ending my (?:own )?life|end my (?:own )?life|ending it all|taking my (?:own )?life|kill myself|being dead by my own hand)\b/,
        unless: new RegExp(
          `${LOSS_OF_ANOTHER.source}|\\bwatch(?:ed|ing)\\b|\\bfilm\\b|\\bmovie\\b|\\bbook\\b|\\btalk on\\b`,
        ),
      },
      {
        match:
          /\b(?:want|wanted|wanna|wanting|like|tempted|feel like|felt like|ready|easier|better|able)(?: to)? (?:just )?(?:kill(?:ing)? myself|end(?:ing)? my (?:own )?life|end(?:ing)? it all|tak(?:e|ing) my (?:own )?life)\b/,
        unless: new RegExp(`${JOKING.source}|${SMALL_THINGS.source}`),
      },
      {
        match:
          /\bi (?:could|might|may|should|would)(?: just| as well)* (?:kill myself|end my (?:own )?life|end it all|take my (?:own )?life)\b/,
        unless: new RegExp(
          `${JOKING.source}|${SMALL_THINGS.source}|\\bfor (?:saying|forgetting|missing|being|not|losing|sending|leaving|telling)\\b`,
        ),
      },
      {
        match: /\bkms\b/,
        unless: new RegExp(
          `${JOKING.source}|${SMALL_THINGS.source}|(?:\\d|run|ran|drive|drove|walk|walked|cycle|few|five|ten|two|three) ?kms\\b|\\b(?:run|ran|drive|drove|walk|walked|cycle|cycled|hike)\\b`,
        ),
      },
      /\b(?:suicide|killing myself|ending it all|ending my life|taking my own life) (?:has |had |have )?(?:crosse[sd]|cross|cross(?:ed)? my mind|come up|been on my mind|is on my mind|keeps? coming|seems?|feels?|looks?|sounds?)\b/,
    ],
    unless: [OF_ANOTHER],
  },
  // C-SSRS 3: a way thought of, no intent. What way is never to be said (forbidden.method-detail).
  {
    signal: 'method',
    certainty: 'in_context',
    cues: cue('how ways way method methods thought_it gone_over'),
    phrases: [
      /\b(?:have|had|got|with) an idea (?:of )?how\b|\bknow how i (?:would|'?d)\b|\bthought it through\b|\bgone over it\b|\bhow (?:it would go|i would|i'?d)\b/,
      /\b(?:thought|thinking|think|thoughts?|looked|looking|read|reading|searched|searching|imagined?|picture[ds]?|know|figured out|worked out)(?: \w+){0,3} (?:how|ways?|a way|the way|methods?)(?: \w+){0,2} (?:i(?:'?d| would| might| could)|to) (?:\w+ )?(?:do it|end it(?: all)?|kill myself|die|end my life|go|act on it)\b/,
      /\b(?:know|thought about|thought of|have thought of|considered|looked up) (?:exactly )?(?:how|a way|ways|methods?)\b(?= *(?:$|[.,;!?]|but|and|though|i'?d|already))/,
      /\b(?:a|the|some) (?:specific )?(?:way|method) in mind\b/,
    ],
  },
  // C-SSRS 5: a plan worked out, or preparation.
  {
    signal: 'plan',
    certainty: 'in_context',
    cues: cue('plan planned'),
    phrases: [
      /\b(?:there'?s|there is|yes,?|i'?ve|had) (?:kind of |sort of )?(?:an? |already )(?:\w+ )?plan\b/,
      /\bi (?:have |had )?planned (?:it|how|out|everything)\b/,
      /\bi(?:'?ve| have| do have|'?ve got| made| kind of have| sort of have|'?ve made|'?ve already)?(?: already| kind of| sort of)*(?: have| got| made| worked out| figured out| had)? (?:a|the|my|some kind of a|an actual|like a)(?: \w+)? plan\b(?! (?:for (?:the|my|this|our|dinner|lunch|work|tomorrow|next)|to (?:talk|ask|tell|see|go|get|call|study|meet|visit|move|take)))/,
      /\bi(?:'?ve| have) (?:got |had )?(?:it )?(?:all )?planned(?: (?:it|it all|everything|how|out))?\b/,
      {
        match:
          /\b(?:wrote|written|writing|left) (?:a|my|the|goodbye|some) ?(?:suicide |goodbye )?(?:notes?|letters?)\b(?: (?:to|for) (?:my|everyone|them|each))?/,
        cues: cue('note notes letter letters'),
      },
      {
        match:
          /\b(?:giving|gave|given) (?:away )?(?:all )?my (?:things|stuff|belongings|clothes|books|dog|cat)(?: away)?\b/,
        cues: cue('giving gave given'),
      },
      { match: /\b(?:said|saying|say) (?:my |all my |our )?goodbyes\b/, cues: cue('goodbyes') },
      {
        match: /\b(?:picked|chose|chosen|set|decided on|have|got) (?:a|the) (?:date|day|night|time|place|spot)\b/,
        cues: cue('date day night time place spot'),
      },
      { match: /\b(?:put|putting|getting|got) my affairs in order\b/, cues: cue('affairs') },
      {
        match: /\bi know (?:exactly )?(?:how and when|when and how|when i'?d do it|when i would)\b/,
        cues: cue('and_when when_and when_i when_id'),
      },
    ],
  },
  {
    signal: 'plan',
    certainty: 'clear',
    cues: cue('plan planned planning suicide note'),
    phrases: [
      /\b(?:plan|planned|planning|plans)(?: \w+){0,3} (?:to|of|for) (?:kill(?:ing)? myself|end(?:ing)? my (?:own )?life|end(?:ing)? it(?: all)?\b|die|dying|suicide|tak(?:e|ing) my (?:own )?life)(?! (?:with|contract|lease))/,
      /\b(?:wrote|written|writing|left|have) (?:a|my|the) suicide (?:note|letter)\b/,
    ],
    unless: [OF_ANOTHER, LOSS_OF_ANOTHER],
  },
  // C-SSRS 4: some intent to act.
  {
    signal: 'intent',
    certainty: 'clear',
    cues: cue('stop kill end life safe die suicide unalive taking take intend'),
    phrases: [
      {
        match:
          /\b(?:i'?m|i am|i was)(?: \w+){0,2} (?:going|gonna|about|planning|ready|prepared|set)(?: to)? (?:just )?(?:kill myself|end my (?:own )?life|end it all|take my (?:own )?life|unalive myself)\b/,
        unless: new RegExp(`${JOKING.source}|${SMALL_THINGS.source}`),
      },
      {
        match:
          /\bi(?:'?ll| will| intend to| mean to|'?ve decided to| have decided to| decided to) (?:just )?(?:kill myself|end my (?:own )?life|end it all|take my (?:own )?life|die)\b(?! (?:of|from|alone|if|when|in|here|with))/,
        unless: new RegExp(`${JOKING.source}|${SMALL_THINGS.source}`),
      },
      /\b(?:can'?t|cannot|can not|don'?t (?:think|know|feel)(?: that| if| like)? i can|not sure i can|won'?t be able to) (?:keep myself safe|stay safe|stop myself from (?:doing it|acting|ending|killing|hurting))\b/,
      /\b(?:i'?m|i am) ready to die\b/,
      /\b(?:don'?t|do not) (?:feel|think i'?m|think i am) safe (?:with myself|by myself|from myself|on my own tonight|alone with myself)\b/,
    ],
    unless: [OF_ANOTHER],
  },
  {
    signal: 'intent',
    certainty: 'in_context',
    cues: cue('do_it do_something go_through act_on end_it'),
    phrases: [
      /\b(?:i'?m|i am|i might be) (?:really |actually |probably |just )*(?:going|gonna|about|planning|meaning|ready|intending)(?: to)? (?:do it|go through with it|act on it|end it|do something tonight)\b/,
      /\bi(?:'?ll| will| might| may| want to| intend to| think i'?ll| think i will| think i might| could) (?:really |actually |probably |just )*(?:do it|go through with it|act on it|do something)(?: tonight| today| tomorrow| this week| soon)?\b/,
      {
        match: /\b(?:tonight|today|tomorrow)(?:'s| is| will be) the (?:night|day|time)\b/,
        cues: cue("tonight tonight's today today's tomorrow tomorrow's"),
      },
      {
        match: /\b(?:i'?ve|i have) (?:already )?(?:decided|made up my mind|made my decision)\b(?= *(?:$|[.,;!—-]))/,
        cues: cue('decided made_up made_my'),
      },
    ],
  },
  // Behaviour; the time said beside it decides between past and recent.
  {
    signal: 'past_behaviour',
    certainty: 'clear',
    cues: cue('tried attempt attempts attempted trying'),
    phrases: [
      /\b(?:tried|attempted|trying) (?:to )?(?:kill(?:ing)? myself|end(?:ing)? my (?:own )?life|end(?:ing)? it all|tak(?:e|ing) my (?:own )?life|suicide|to die)\b/,
      /\b(?:my|an?|one|two|three|earlier|previous|past|last|first) (?:\w+ )?(?:suicide )attempts?\b/,
      /\b(?:after|since|before) my (?:last |first |own )?attempt\b/,
      /\bi (?:have |had )?attempted (?:once|twice|before|last|in|when|a|two|three|years?|back|suicide)\b/,
    ],
    unless: [OF_ANOTHER, LOSS_OF_ANOTHER],
  },
  {
    signal: 'past_behaviour',
    certainty: 'in_context',
    cues: cue('tried attempt attempted'),
    phrases: [
      /\bi(?:'?ve| have| had)? (?:actually |already |once |even )?tried (?:it |to do it |something |to )?(?:once|before|twice|last|a few|two|three|years|when|back)\b/,
      /\bi(?:'?ve| have| had)? tried to do it\b/,
    ],
    unless: [OF_ANOTHER],
  },
  // Self-injury without the wish to die.
  {
    signal: 'nssi',
    certainty: 'clear',
    cues: cue('self selfharm cut cutting burn burned burning hurt hurting harm harming harmed scratch* hit hitting'),
    phrases: [
      {
        match: /\bself[- ]?(?:harm(?:ed|ing|s)?|injur\w+)\b/,
        unless: /\b(?:article|course|training|poster|leaflet|policy|charity)\b/,
      },
      /\b(?:i(?:'?ve| have| had| was| am|'?m)?(?: \w+){0,2}|been|started|began|keep|kept|stop|stopped|back to|urges? to|relapsed and|after|by) (?:cut(?:ting)?|burn(?:ed|ing|t)?|scratch(?:ed|ing)?|hit(?:ting)?|harm(?:ed|ing)?) (?:myself|my (?:own )?(?:arms?|legs?|wrists?|thighs?|skin|stomach|hips?)|again)\b/,
      /\b(?:want|wanted|wanna|wanting|urges?|think(?:ing)?|thought|thoughts?|need|tempted|feel like|afraid i'?ll|scared i'?ll|worried i'?ll|going|gonna)(?: \w+){0,2} (?:hurt|harm|cut|hurting|harming|cutting) myself\b/,
      /\b(?:hurt|hurting|harmed) myself (?:on purpose|deliberately|again (?:last|this|after|when|because)|to (?:cope|feel|calm|get|make|stop)|when (?:i|it|things)|so (?:that )?i|last night because|because (?:i|it))/,
    ],
    unless: [
      MUNDANE_INJURY,
      OF_ANOTHER,
      /\bback to cutting (?:carbs|sugar|hair|fabric|grass)\b/,
      /\b(?:hit|cut|burn\w*) myself (?:on the (?:door|table|head|shelf)|some slack|out|off)\b/,
    ],
  },
  // Hopelessness, where it is plain and about life, not about a task.
  {
    signal: 'hopelessness',
    certainty: 'clear',
    cues: cue('hope hopeless better'),
    phrases: [
      /\b(?:don'?t|do not|can'?t|cannot) (?:think|believe|see|imagine)(?: that| how)? (?:it|things|this|anything|any of (?:it|this))(?:'s|'ll| will| is| can| could| would)? (?:ever )?(?:going to |gonna )?(?:get|be|getting) (?:any )?better\b/,
      /\b(?:given|giving|gave) up (?:hoping|hope)\b/,
      /\b(?:there'?s|there is|there isn'?t|i have|i'?ve got|i see|i feel|got|without|have|with) (?:just |really |absolutely )?(?:no|any|zero|little) hope\b(?! (?:of|that (?:he|she|they|the|we)|we))/,
      new RegExp(
        `\\b${I_AM}${VERY} hopeless\\b(?! (?:at|with|when it comes|about (?:the|my|this|money|housing|dating|politics)|in the kitchen|romantic|romance))`,
      ),
      {
        match:
          /\b(?:everything|life|it all|my life|my future|the future)(?: just| all)? (?:is|feels|seems|looks)(?: so| just| completely| pretty| totally| really)* hopeless\b/,
        cues: cue('hopeless'),
      },
      /\b(?:nothing|it|things|this|life|none of (?:it|this))(?:'s| is|'ll| will| are| was)?(?: just)? (?:never|ever)(?: \w+)? (?:going to |gonna )?(?:get|be|getting|become) (?:any )?better\b/,
      {
        match:
          /\bnothing (?:will|is going to|is ever going to|can) (?:ever )?(?:get better|change|help me|make (?:it|this) better)\b/,
        cues: cue('nothing_will nothing_is nothing_can'),
      },
      {
        match:
          /\b(?:i have|i'?ve got|there'?s|there is|i see|i don'?t (?:see|have)|can'?t (?:see|imagine)) (?:no|any|a) future\b(?! (?:in|for us|with|here|at|for (?:the|this|our)))/,
        cues: cue('future'),
      },
      {
        match:
          /\b(?:no|any|see the|see a|see any|what'?s the|what is the|what even is the) point (?:in|of|to) (?:living|being alive|being here|going on|keeping on|carrying on|anything|any of it|life|it all|existing|staying alive|me being here)\b/,
        cues: cue('point'),
      },
      {
        match:
          /\b(?:no|any|a|one|much) reason (?:to|for me to|for) (?:live|living|keep going|go on|stay alive|be here|be alive|keep living|carry on living)\b/,
        cues: cue('reason'),
      },
      { match: /\bnothing (?:left )?(?:to|worth) liv(?:e|ing) for\b/, cues: cue('live living') },
      {
        match:
          /\b(?:given|giving|gave|give) up on (?:life|everything|living|myself completely|it ever|ever feeling|things ever)\b/,
        cues: cue('up_on'),
      },
      /\b(?:lost|losing|given up|giving up|run out of|out of)(?: all| any)? hope\b(?! (?:of|that (?:he|she|they|we|the)|for (?:the|our|a|this)))/,
      {
        match:
          /\b(?:can'?t|cannot|don'?t (?:know|think)(?: how| if)? (?:i can|to)) (?:go on|keep going|carry on) (?:living|like this any ?more|any ?more)\b/,
        cues: cue('go_on keep_going carry_on'),
      },
      {
        match:
          /\bi can'?t go on\b(?! (?:the|a|that|holiday|trip|with (?:the|my)|to|my|this|stage|vacation|air|there|dates?))/,
        cues: cue('go_on'),
      },
    ],
    unless: [/\bhopeless(?:ly)? (?:romantic|in love)\b/],
  },
  {
    signal: 'burden',
    certainty: 'clear',
    cues: cue('back worth family kids children parents friends husband better burden happier without dragging weight'),
    phrases: [
      /\b(?:everyone|everybody|they|people|you|all of (?:them|you)|family|kids|children|parents|wife|husband|partner|friends|mom|mum|dad|sister|brother|the world|she|he|others)(?: \w+)?(?:'?d| would| will|'?ll| might| may)(?: \w+){0,2} (?:be )?(?:better off|happier|fine|relieved|easier)(?: \w+)? (?:without me|if i (?:was|were|wasn'?t|weren'?t|disappeared|died|didn'?t exist)|once i'?m gone|with me gone)\b/,
      /\b(?:better off|happier|easier for (?:everyone|them|everybody)) (?:without me|if i (?:was|were|wasn'?t|weren'?t|disappeared|died))\b/,
      {
        match:
          /\b(?:i'?m|i am|i feel like|i feel like i'?m|feel like i'?m|feeling like|i'?ve become|i'?m just|i'?m only|become|that i'?m|like i'?m|being) (?:just |only |such |nothing but |always |really |kind of |a bit of )*(?:such )?a (?:\w+ )?burden\b/,
        unless:
          /\b(?:don'?t|didn'?t|never|not) want to\b|\b(?:afraid|scared|worried|worry|worries|fear) (?:of|about|that|i'?ll|i)\b|\bto ask\b|\basking (?:for|him|her|them|people|anyone)\b|\bif i (?:ask|call|text|talk)\b|\b(?:the|financial) burden of\b/,
      },
      /\bget (?:their|his|her) li(?:fe|ves) back (?:if i (?:was|were|wasn'?t|weren'?t|disappeared|died)|without me)\b/,
      /\bworth more (?:dead|gone)\b/,
      /\bmy (?:family|kids|children|wife|husband|parents|friends)(?: all)? (?:deserve|deserves) (?:someone|better than me|a life without)\b/,
    ],
  },
  {
    signal: 'entrapment',
    certainty: 'clear',
    cues: cue('trapped way escape end stop over exit'),
    phrases: [
      {
        match: new RegExp(`\\b${I_AM}${VERY} trapped\\b`),
        unless:
          /\btrapped (?:in|by|at|with|between|under|on|into|inside|behind|here) |\b(?:job|lease|mortgage|contract|office|commute|town|city|relationship|marriage|meeting|lift|elevator|house|flat|apartment|role|career|degree|course|loop|routine|cycle|conversation|crowd|room|shift|traffic|train|bus|car|visa|friendship)\b/,
      },
      {
        match:
          /\b(?:there'?s|there is|there isn'?t|i (?:can'?t|cannot|don'?t) (?:see|find|have)|i see|have|with|see) (?:just |really )?(?:no|a|any) (?:way out|escape|other way out)\b(?! (?:of (?:the|this|my|that) (?:meeting|contract|lease|deal|job|plan|party|trip|dinner|visit|event|loop|project|group|booking|arrangement|debt|conversation)))/,
        unless: /\b(?:meeting|lease|contract|party|wedding|dinner|project|conversation|car park|maze)\b/,
      },
      /\b(?:want|need|wanted|wish)(?:ed)? (?:it|everything|the pain|all of (?:it|this)|my life|life|this life|it all|the suffering)(?: all)?(?: to| would)? (?:just )?(?:be over|end)\b(?! (?:with|and be done with the|soon so|already lol|by friday|well))/,
    ],
  },
  // Said as often without risk as with it: a person should look, nothing is set.
  {
    signal: 'wish_to_be_dead',
    certainty: 'possible',
    cues: cue('disappear vanish be_gone be_here be_around sleep_forever'),
    phrases: [
      {
        match:
          /\b(?:want|wanted|wish|wanna|like)(?: \w+){0,3} (?:disappear|vanish|be gone|not be here|sleep forever|not be around)\b/,
        unless:
          /\b(?:into the (?:floor|wall|ground|sofa|crowd|background)|for (?:a|the) (?:day|week|weekend|while|hour)|under (?:the|my)|embarrass\w*|meeting|stage|party|presentation|blush\w*|red)\b/,
      },
      {
        match: /\bi (?:really )?(?:don'?t|do not) want to be (?:here|around)\b(?= *(?:$|[.!;—]))/,
        cues: cue('be_here be_around'),
      },
      {
        match:
          /\b(?:join|be with) (?:him|her|them|my (?:mom|mum|dad|wife|husband|son|daughter|brother|sister)) (?:again|up there|in heaven|on the other side|wherever)\b/,
        cues: cue('again there heaven side wherever'),
      },
      {
        match:
          /\b(?:no ?body|no one|nobody) would (?:even )?(?:miss me|notice if i (?:was|were|disappeared|died|wasn'?t))\b/,
        cues: cue('miss_me notice_if'),
      },
      {
        match: /\b(?:done|over it|finished) with (?:life|everything|it all|living)\b/,
        cues: cue('with_life with_everything with_it with_living'),
      },
      {
        cues: cue('die'),
        match: /\bi (?:really |just )?(?:wanted|want) to die\b/,
        unless: new RegExp(`${JOKING.source}|${SMALL_THINGS.source}`),
      },
      { match: /\b(?:kill|killing) myself\b/, cues: cue('kill_myself killing_myself') },
    ],
    unless: [OF_ANOTHER],
  },
  {
    signal: 'hopelessness',
    certainty: 'possible',
    cues: cue('anymore more hopeless point given give giving forward take dark numb'),
    phrases: [
      /\bcan'?t (?:do|take|handle|live) (?:this|it|any of this|like this) (?:any ?more|any longer)\b/,
      /\b(?:it|this|that)(?: all)? (?:feels?|seems?|is)(?: so| just| really)* hopeless\b/,
      /\bnothing to look forward to\b/,
      /\bjust (?:want to |wanna )?(?:give|giving|given|gave) up\b(?= *(?:$|[.,!;—]))/,
      /\b(?:don'?t|can'?t) see (?:the|a|any|much) point\b(?= *(?:$|[.,!;—]|any ?more|in me))/,
    ],
  },
  {
    signal: 'burden',
    certainty: 'possible',
    cues: cue('burden'),
    phrases: [/\b(?:felt like|feel like|i'?m|being|was|as) (?:such )?a burden\b/],
    unless: [/\b(?:don'?t|didn'?t|never|not) want to\b/],
  },
]

/** Times that make a behaviour recent (within 3 months, C-SSRS triage). */
export const RECENT =
  /\b(?:today|tonight|yesterday|last night|this (?:week|month|morning|evening|weekend)|last (?:week|weekend|month)|(?:a few|few|couple of|two|three|four|five|six|ten|\d+) (?:days?|weeks?|nights?|hours?) ago|(?:a|one|two|three|couple of) months? ago|the other (?:day|night)|recently|earlier (?:today|this week|this month))\b/
/** Times that make it longer ago. */
export const LONG_AGO =
  /\b(?:years? (?:ago|back)|last year|(?:four|five|six|seven|eight|nine|ten|eleven|several|many|some) months ago|when i was (?:\d+|a (?:teen\w*|kid|student|child)|young\w*|sixteen|seventeen|eighteen|nineteen|fifteen|fourteen|in (?:school|college|uni\w*|high school))|as a (?:teen\w*|kid|child|student)|in (?:college|high school|school|uni\w*|my (?:teens|twenties|thirties))|back (?:in|then|when)|used to|in \d{4}|a long time ago|long ago|once before)\b/

/** The one who says this denies it; what is denied is no signal. Used on the words before a match, within its clause. */
export const NEGATION =
  /\b(?:not|never|no|none|without|don'?t|do not|didn'?t|haven'?t|hasn'?t|isn'?t|wasn'?t|wouldn'?t|won'?t|doesn'?t|aren'?t|ain'?t|no longer|nothing like|stopped|far from|hardly|n't)\b([^,.;:!?—–]{0,36})$/
/** … unless what is denied is the telling, the stopping or the knowing. */
export const NEGATION_OF_SOMETHING_ELSE =
  /\b(?:stop(?:ped)?|tell|told|telling|say|said|saying|know|knows|knew|help|helped|shake|admit\w*|realis\w*|realiz\w*|only|just|sure|always|lie|lying|matter|hid\w*|quit|escape|bear|but|mention\w*|because|wonder|think of anything|surprised|unusual|new|first|why|how|when|where|understand|allowed|easy|one)\b/
/** Thoughts of a time that is over: asks a person to look. */
export const FORMER_TIME =
  /\b(?:used to|back then|years ago|when i was (?:\d+|a teen\w*|a kid|younger|in (?:school|college))|in my (?:teens|twenties)|a long time ago)\b/
