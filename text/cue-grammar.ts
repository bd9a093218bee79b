import type { Family } from './cue-words.ts';

// Grammar that single words do not show: a change has a before and an after, a lesson is a rule for next time.
export const grammar: readonly (readonly [Family, number, RegExp])[] = [
  [
    'failure',
    1,
    /\b(?:(?:is|are|was|were|went|goes|go|going|been|came|brought|taken|took)(?: (?:all|now|still|completely|again|partly|suddenly))*? (?:down|offline)(?! (?:to|by|from|in|on))|data loss|on fire|(?:error|status|returned|returning|returns|answers?|answered|http|code) 5\d\d|5\d\d(?:s| errors?)|under attack|double[- ]?(?:charged|billed|booked)|out of (?:disk|memory|space|stock))\b/,
  ],
  [
    'failure',
    0.7,
    /\b(?:roll(?:ed|ing)? back|does not work|did not work|stopped working|(?:will not|can not|could not|does not|did not|would not|wo not) (?:start|boot|load|open|connect|respond|work|answer|build|deploy|run)|(?:never|not) (?:arrived?|delivered|received)|missed (?:the|our|a|their) \w+|(?:failed|fell) over|no backups?|without (?:a )?backup|locked out|cannot (?:reach|log|open|connect|access)|can not (?:reach|log|open|connect|access))\b/,
  ],
  [
    'decision',
    0.8,
    /\b(?:agreed (?:to|on|with|that|by|upon|between)|all agreed|(?:dropped|drop|ditched|ditch|scrapped) (?!in\b|by\b|off\b|to\b|from\b|below\b|out\b|again\b|,)|(?:picked|chose) (?!up\b|out\b|off\b)|no more \w+s\b|not an? \w+ but\b|say(?:ing)? (?:yes|no) to|said (?:yes|no) to)/,
  ],
  [
    'decision',
    0.5,
    /, not (?:the |a |an |in |on |at |by |to |for )?\w+(?: \w+){0,2} ?(?:[.,;!]|$)|\bonly (?:on|in|for|with|from|after) |\bso no \w+/,
  ],
  [
    'change',
    0.9,
    /\b(?:goes|go|went|going|moves?|moved|slips?|slipped|shifts?|shifted|grows?|grew|rises?|rose|falls?|fell|drops?|dropped|raised|lowered|cut|extended|stretched|pushed|put|bumped|set|switched|reduced|increased|doubled|halved)(?: (?:once more|again|back|on|off|out|up|down|forward|a \w+|one \w+|two \w+|by \S+(?: \w+)?|,|it|the \w+))* (?:to|until) (?:the |about |only )?(?:\d|€|£|\$|codespan|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|next|half)/,
  ],
  [
    'decision',
    0.95,
    /\b(?:from now on|sign(?:ed)? off|go(?:ing|es)? (?:ahead )?with|went with|made (?:up (?:our|my|their|his|her) minds?|the call)|we (?:will|are going to) (?:use|stop|drop|keep|build|buy|ship|focus|not)|new (?:policy|rule)|(?:is|was|are) (?:no longer|not) (?:going|planned)|final answer)\b/,
  ],
  [
    'change',
    1,
    /\b(?:no longer|not any ?more|took over|takes over|taking over|taken over|(?:moved|moves|move|changed|changes|switched|shifted|pushed|slipped|went|goes|grew|raised|dropped|cut|increased|reduced|migrated|renamed|rose|fell|extended|transferred|brought forward|postponed|delayed)\b.{0,60}\bfrom\b.{1,60}\bto\b|(?:instead of|rather than|not) .{2,50}\b(?:any ?more|as (?:before|planned|agreed|announced|we thought))|pushed back|brought forward|moved up|moved out)\b/,
  ],
  [
    'change',
    0.8,
    /\b(?:(?:is|are|will) now\b|now (?:is|are|runs?|lives?|listens?|owns?|uses?|belongs?|costs?|starts?|ends?|reports?|leads?|has|sits|points|means|goes)\b|(?:used to|as of|effective|starting|with effect from) .{3,60}|(?:has|have|was|were|been|is|are) (?:moved|changed|switched|renamed|replaced|extended|shortened|pushed|bumped|cancelled|canceled|reassigned)|(?:the )?new (?:deadline|date|owner|port|address|lead|price|budget|plan|contact|host|url|name|schedule|limit|target|password|key|version)\b|instead of|hand(?:ed|s|ing)? (?:\w+ )?over|steps? (?:down|in)|stepped (?:down|in)|was wrong about|turned out to be)/,
  ],
  [
    'lesson',
    1,
    /\b(?:turn(?:s|ed) out|root cause|next time|should have|should never have|must never|the hard way|note to self|never again|rule of thumb|worth remembering|lessons? learn)/,
  ],
  [
    'lesson',
    0.85,
    /^(?:\w+: )?(?:never|always|do not ever|remember that|beware|make sure)\b|\b(?:better to|the (?:trick|key|catch|fix|cause|reason|problem) (?:is|was)|because nobody|caused by|due to a|(?:explains|found out|figured out|understood|understand now|it follows) (?:why|that|how|what)|only works? (?:if|when|after|with)|(?:before|without) (?:ever )?(?:trusting|assuming|relying))\b/,
  ],
  [
    'lesson',
    0.9,
    /^(?:to keep|careful|beware|caution|rule|moral|for next time)\b|\b(?:nothing|no \w+|none) (?:\w+ ){1,6}(?:until|unless|without|before)\b|\b(?:before|without|until|when) \w+ing (?:any\w*|every\w*|each|the next)\b|\bnot what (?:we|i|they|you)\b/,
  ],
  [
    'lesson',
    0.55,
    /\bfirst,? (?:then|second|and then)\b|\bfirst\b.{3,40}, (?:then|second)\b|\b(?:should|must) (?:never |always |not )?(?:be|come|go|have|run|know|read|use|ask)\b/,
  ],
  ['change', 0.65, /\bnow ?[.;!]?$|\bmoved (?:over )?(?:in)?to\b|\bno more\b/],
  [
    'commitment',
    0.75,
    /\b(?:(?:no later than|has to be (?:done|ready|live|delivered|shipped)|must be (?:done|ready|live|delivered|shipped)|needs? to be (?:done|ready|live|delivered|shipped)|gave (?:my|our|their|his|her) word|hard (?:stop|date|limit)|goes live|go live|counting on us|expects? (?:it|us|the \w+) (?:by|before|on)))\b/,
  ],
  [
    'achievement',
    0.75,
    /\b(?:went live|is live|first (?:paying )?(?:customer|user|order|sale)|finally (?:works|done|fixed|solved)|record (?:high|month|week)|ahead of (?:schedule|plan)|good news|great news)\b/,
  ],
  [
    'routine',
    1,
    /\b(?:nothing (?:new|unusual|to (?:report|do|note|see)|special|interesting|else|urgent|much|changed|happened|of note|remarkable|exciting|broke|out of)|no (?:new \w+|news|changes?|updates?|surprises?|activity|messages?|replies|mail|requests|alerts?|issues?|problems?|errors?|warnings?|action (?:needed|required)|incidents?|anomal\w+|blockers?|movement|open \w+)|still (?:running|up|green|waiting|the same|going)|as (?:usual|expected|always|planned|scheduled)|up to date|all (?:good|clear|quiet|green|well|fine|up|systems|services|checks|tests|jobs|\d+ \w+ (?:pass\w*|green|up|ok))|same as (?:yesterday|before|last)|(?:tests?|suite|build|ci|pipeline|checks?|lint|specs) (?:\w+ ){0,3}(?:pass(?:ed|es)?|green|succeeded|ok)|(?:back ?up|sync|cron|job|scan|snapshot) (?:\w+ ){0,3}(?:finished|completed|succeeded|ran|done|ok)|(?:light|heavy) rain|\d+ degrees|degrees (?:outside|and)|log rotation|rotated (?:the )?\w*\s?logs?|cache (?:is )?warm\w*|within (?:limits|bounds|normal|budget|range))\b/,
  ],
  // What is written by the dozen: reports of every day, and how far a thing is that goes on.
  [
    'routine',
    0.85,
    /^(?:minutes|stand-?up|status|(?:daily|weekly|hourly) (?:summary|report|status|check|update)|checked in)\b/,
  ],
  [
    'routine',
    0.6,
    /\b\d+ (?:of|\/) \d+\b|^(?:step|no\.?|number|item|part|run|attempt) \d+ ?[:,.]|\bno functional changes?\b|\b0 \w+ changed\b/,
  ],
];
