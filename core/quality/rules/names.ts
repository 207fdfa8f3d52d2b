const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/**
 * First names common in English-speaking countries, lower case, without those that are everyday words as well (Will,
 * Grace, Hope, Joy, Mark, May, Rose, Faith, Art, Bill, Frank, Jack …): a pair of capitals counts as a full name only
 * behind one of these.
 */
export const FIRST_NAMES = words(`
  aaron abdul abigail adam adrian ahmed aisha alan albert alejandro alex alexander alexandra ali alice alicia alison amanda amelia
  amir amy ana andrea andrew angela anita anna anne annie anthony antonio aria arjun arthur asha ashley astrid barbara beatrice
  ben benjamin bernard beth bianca brandon brenda brian bridget bruce bryan caleb cameron carla carlos carmen carol caroline
  catherine charles charlotte chen chloe chris christian christina christine christopher ciara claire clara colin connor courtney craig
  cynthia daniel danielle david deborah denise dennis derek diana diego dmitri dominic donald donna dorothy douglas dylan edward eleanor
  elena elizabeth ella ellen emily emma eric erica erin ethan eva evan evelyn fatima felix fiona francesca gabriel gareth gary george
  gemma geoffrey gloria gordon greg gregory hannah harold harriet hassan heather helen henry holly hugo ian ibrahim imran ines ingrid
  irene isaac isabel isabella ivan jacob jacqueline jake jamal james jamie jane janet jasmine jason javier jennifer jeremy jerome jesse
  jessica joan joanna joe joel john jonathan jordan jorge jose joseph joshua juan judith julia julian julie justin karen karl kate
  katherine kathleen katie kayla keith kelly kenneth kevin kieran kim kimberly kyle lara larry laura lauren leah lena leo leon leonard
  liam linda lisa logan lorraine louis louise lucas lucy luis luke lydia madison malik mandy manuel marcus margaret maria marie marilyn
  marina mario martha martin mary mateo matthew maya megan melanie melissa mia michael michelle miguel mohammed monica morgan muhammad
  nadia nancy naomi natalie natasha nathan neha neil niamh nicholas nicole nigel nikhil nina noah nora oliver olivia omar oscar owen
  pablo pamela patricia patrick paul paula pedro peter philip phoebe priya rachel raj ralph ravi raymond rebecca renee ricardo richard
  robert roberto robin rodrigo roger ronald rosa rosemary rosie roy ruben ryan sabrina sally sam samantha samir samuel sandra sanjay sara
  sarah scott sean sergio shannon sharon sheila simon simone sofia sophia sophie stacey stanley stefan stella stephanie stephen steven
  stuart susan suzanne sven tamara tanya tara teresa theo theresa thomas tiffany tim timothy tina todd tracy trevor tyler valerie vanessa
  veronica victoria vincent violet virginia vivian walter wendy wei william xavier yasmin yolanda yusuf zachary zara zoe
`)

/** What may follow a first name with a capital without being a surname. */
export const NOT_A_SURNAME = words(`
  and but or so the a an i is was has had said says told asked thinks thought knows wants would could can will did does
  monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
  november december christmas easter thanksgiving thanks then that this there they we you he she it what when where why how
  mum mom dad mama papa aunt uncle street road avenue park university college school hospital church hall beach bay hill lake
`)
