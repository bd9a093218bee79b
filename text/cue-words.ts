/** What a sentence can be evidence of. `routine` is the evidence that nothing happened. */
export const families = ['failure', 'decision', 'change', 'lesson', 'commitment', 'achievement', 'routine'] as const;
export type Family = (typeof families)[number];

// Plain words, brought to stems by the stemmer that reads the memories. `v:` counts only as a verb, `n:` as a noun, `a:` as an
// adjective or adverb. The strengths are choices, not measurements; what is measured is where the words stand and how.
export const tables: Record<Family, Readonly<Record<number, string>>> = {
  failure: {
    1: 'outage incident crash corrupt breach unreachable n:downtime catastrophe disaster meltdown',
    0.9: 'leak vulnerability failure malfunction overdraft breakdown ransomware phishing wiped',
    0.75: 'v:fail broke broken v:lose loss rollback timeout panic regression v:freeze stuck deadlock exhausted overload duplicate v:delete v:overwrite stolen injured emergency vanish v:halt flood',
    0.55: 'bug error wrong fault defect blocked complain complaint refund angry delay mistakenly accidentally unavailable blocker violation spike reject refuse flaky',
  },
  decision: {
    1: 'v:decide decision v:choose v:chose v:chosen v:opt',
    0.85: 'agreement v:approve approval v:reject v:cancel v:abandon v:settle v:conclude verdict veto consensus v:adopt v:scrap',
    0.6: 'v:postpone v:freeze v:authorise v:authorize v:appoint v:prefer v:discontinue v:forbid v:ban',
  },
  change: {
    1: 'supersede overturn reverse obsolete',
    0.85: 'v:postpone v:reschedule v:rename v:relocate v:replace replacement v:migrate v:reassign v:handover correction v:retire v:resign v:deprecate v:renumber',
    0.6: 'v:move v:switch v:shift v:swap v:extend v:transfer v:slip v:rotate v:promote v:merge',
    0.4: 'v:change v:raise v:lower v:reduce',
  },
  lesson: {
    1: 'lesson takeaway postmortem',
    0.9: 'v:learn v:learnt v:realise v:realize hindsight learning pitfall',
    0.65: 'n:mistake n:insight v:discover culprit gotcha assumption misunderstanding avoid',
  },
  commitment: {
    1: 'v:promise v:pledge v:guarantee n:promise',
    0.75: 'deadline due commitment contract obligation milestone v:commit overdue',
    0.45: 'must owe budget n:launch go-live renewal expire expiry cutoff mandatory',
  },
  achievement: {
    0.8: 'milestone celebrate breakthrough triumph award congratulations',
    0.6: 'v:launch v:ship v:win v:sign v:solve v:succeed success praise delighted thrilled v:hire v:secure v:unblock',
    0.35: 'v:release v:fix v:complete v:finish v:resolve v:recover v:restore v:pass v:publish',
  },
  routine: {
    1: 'heartbeat idle unchanged weather unread nominal noop uneventful',
    0.85: 'routine usual a:quiet a:healthy a:green drizzle sunny rain cloudy coffee lunch spam newsletter a:ok a:okay sunshine snow umbrella breakfast tea cake',
    0.6: 'inbox a:fine a:normal a:steady a:stable a:calm v:poll v:ping cron v:sync a:clean v:tidy a:ordinary v:skim v:refresh log:rotate housekeeping backup a:warm whitespace typo formatter comma v:reformat',
    0.35: 'v:check v:scan v:watch v:monitor v:pass v:review v:archive v:sort v:rerun status standup reminder',
  },
};
