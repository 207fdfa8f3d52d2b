/** Words that say nothing of what a text is about, left out of TF-IDF. A list of our own, without apostrophes resolved. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any anyone anything are aren't as at away back be because been before being
  below between both but by came can can't cannot come could couldn't did didn't do does doesn't doing don't done down each
  either else even ever every few for from get gets getting give given go goes going gone got had has hasn't have haven't
  having he he'd he'll he's her here here's hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't it
  it's its itself just keep keeps know let let's like made make makes many may maybe me might mine more most much must my myself
  neither never no nor not nothing now of off often on once one ones only onto or other others our ours out over own perhaps
  put quite rather really said same say says see seem seems shall she she'd she'll she's should shouldn't since so some someone
  something sometimes still such take than that that's the their them themselves then there there's these they they'd they'll
  they're they've thing things think this those though through to too under until up upon us very want wants was wasn't way we
  we'd we'll we're we've well were weren't what what's when where whether which while who who's whole whom whose why will with
  within without won't would wouldn't yes yet you you'd you'll you're you've your yours yourself`
    .trim()
    .split(/\s+/),
)
