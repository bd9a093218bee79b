import type { Features } from '../../activities/working-memory.features.prompt.ts';

// Written after the rules were finished, and not looked at while writing them. Do not tune the rules to single lines of this
// file: write new lines when the rules change.

export const kindsHeldOut: readonly (readonly [string, Features['kind']])[] = [
  ['Goal: halve the number of support calls before the summer.', 'goal'],
  ['Our aim is to serve the whole valley from one depot.', 'goal'],
  ['We want to be independent of the old supplier by autumn.', 'goal'],
  ['The goal for this quarter is a working prototype of the scanner.', 'goal'],
  ['I hope to have the whole archive digitised this year.', 'goal'],
  ['Task: order new labels for the cold room.', 'task'],
  ['- [ ] renew the domain', 'task'],
  ['Call the plumber about the leaking radiator.', 'task'],
  ['Please review the draft contract before noon.', 'task'],
  ['I need to compare the two quotes tomorrow.', 'task'],
  ['We must return the rented projector on Monday.', 'task'],
  ['Still have to send Beatriz the meeting notes.', 'task'],
  ['Write a short guide for new volunteers.', 'task'],
  ['Move the weekly call to the afternoon.', 'task'],
  ['Installed the new router in the warehouse.', 'action'],
  ['I spoke with Hannah about the insurance papers.', 'action'],
  ['Sent the invoice to the museum.', 'action'],
  ['Rewrote the import script in Go.', 'action'],
  ['We tested the alarm with the night guard.', 'action'],
  ['Omar repaired the conveyor belt.', 'action'],
  ['- [x] paid the rent', 'action'],
  ['Finally finished the translation of the brochure.', 'action'],
  ['The archive room has no windows.', 'note'],
  ['Beatriz is allergic to peanuts.', 'note'],
  ['The gateway answers on port 8081.', 'note'],
  ['Realised that the invoices are numbered per year.', 'note'],
  ['The old contract ends in September.', 'note'],
  ['Test coverage is at 81 percent.', 'note'],
  ['It was cold in the office.', 'note'],
  ['The printer was moved to the second floor.', 'note'],
];

export const noiseHeldOut: readonly string[] = [
  'Looked at the mailbox, no new messages.',
  'Hourly heartbeat sent, everything is fine.',
  'All 58 unit tests pass.',
  'Sunny and mild outside.',
  'Cron job completed as scheduled.',
  'Nothing happened during the night shift.',
  'The build is green again.',
  'Had tea with the others.',
  'No open alerts, no warnings.',
  'Queue is empty, workers idle.',
  'Checked disk usage, within limits.',
  'Another quiet afternoon.',
  'Health checks ok on every node.',
  'Read the newsletter, nothing interesting.',
  'Snapshot finished without problems.',
  'Logs look normal.',
  'Waited for the kettle.',
  'Dashboard reviewed, no anomalies.',
  'Status: same as yesterday.',
  'It is raining again.',
];

export const factsHeldOut: readonly string[] = [
  'Beatriz Lopes runs the workshop in Porto.',
  'The gateway answers on port 8081.',
  'The museum in Ghent pays €900 a month for hosting.',
  'Omar speaks Arabic, French and Dutch.',
  'The scanner writes TIFF files to /data/scans.',
  'The van needs diesel and takes 70 litres.',
  'Hannah works from Malmö on Tuesdays.',
  'The API of Parcelo allows 60 requests per minute.',
  'Warehouse B is at 12 Canal Street.',
  'The contact at Lindqvist AB is Sven Holm.',
];

export const weightyHeldOut: readonly string[] = [
  'We decided to close the Ghent depot at the end of the year.',
  'After a long discussion Beatriz chose the blue design, not the red one.',
  'The opening has been postponed from 4 May to 18 May.',
  'The gateway no longer answers on port 8081; it is 9090 now.',
  'Hannah took over the museum account from Omar.',
  'Lesson learned: always weigh the parcels before printing labels.',
  'It turned out that the scanner skips blank pages, so page numbers drift.',
  'Never trust the clock of the old server again.',
  'The payment service went down and two hundred customers could not check out.',
  'We lost the orders of a whole afternoon, the disk was corrupted.',
  'A terrible day: the warehouse flooded and everyone panicked!',
  'Security breach: someone leaked the passwords of the staff.',
  'Omar promised the museum a working demo by 3 April.',
  'From now on every release needs two reviewers.',
  'The root cause of the crash was a full log partition.',
  'Prices change: hosting costs €1,100 instead of €900 as of June.',
  'The team agreed to replace Parcelo with Sendwell.',
  'We should have asked the neighbours before drilling.',
  'The contract deadline is now 30 June, Sven confirmed it.',
  'Rolled back the release because checkout failed for all users in Belgium.',
];

/** Feelings: whether the text is good (1), bad (-1) or neither (0). */
export const feelingsHeldOut: readonly (readonly [string, -1 | 0 | 1])[] = [
  ['What a wonderful surprise, the museum loved the demo!', 1],
  ['I am so happy that the scanner finally works.', 1],
  ['Great success: we won the contract.', 1],
  ['The visitors praised the new exhibition.', 1],
  ['Everybody is furious about the lost parcels.', -1],
  ['The outage ruined our morning.', -1],
  ['I hate this horrible printer.', -1],
  ['Sven is sad and disappointed.', -1],
  ['The crash destroyed the index.', -1],
  ['The shelf is two metres wide.', 0],
  ['The gateway answers on port 8081.', 0],
  ['Canal Street is near the station.', 0],
];

/** The named things that a text must yield, as name:type; a type of * is any. */
export const entitiesHeldOut: readonly (readonly [string, readonly string[]])[] = [
  ['Beatriz Lopes showed the scanner to Omar in Porto.', ['beatriz lopes:person', 'omar:person', 'porto:place']],
  ['Sven Holm from Lindqvist AB rang about issue #512.', ['sven holm:person', 'lindqvist ab:*', '#512:code']],
  ['Upgraded libheif to 1.17.6 on scan-host-3.', ['1.17.6:code', 'scan-host-3:code']],
  ['The Tern project stores pages in src/ocr/pages.ts.', ['tern:name', 'src/ocr/pages.ts:code']],
  [
    'Mail billing@parcelo.example or look at https://parcelo.example/help.',
    ['billing@parcelo.example:code', 'https://parcelo.example/help:code'],
  ],
  ['@hannah tagged it #hosting, room 31.', ['hannah:person', 'hosting:tag', 'room 31:code']],
  ['Yesterday Hannah and Takeshi drove to Malmö.', ['hannah:person', 'takeshi:person', 'malmö:*']],
  ['The gateway listens on port 9090 and costs €1,100.', ['port 9090:code', '€1,100:code']],
  ["Omar's mother lives in Rabat.", ['omar:person', 'rabat:place']],
  [
    'Microsoft sold the licence to the University of Ghent.',
    ['microsoft:organisation', 'university of ghent:organisation'],
  ],
];

// A second round, written after the rules had been mended by the first, with fewer of the usual words.

export const weightyAgain: readonly string[] = [
  'We agreed that Tobias will own the loading bay from May on.',
  'Nobody read the mails about the tariff, and now we pay 14 cents instead of 11.',
  'Finance cancelled the second trip.',
  'The ferry leaves at 7:40, not at 8:10 any more.',
  'Rule: no keys leave the building.',
  'A fire broke out in the kitchen, nobody was injured.',
  'I deleted the wrong folder and half of the photos are gone.',
  'Vera is the new contact at the town hall.',
  'Whoever opens the gate must close it again.',
  'The truck arrived late because the bridge was closed.',
  'The visa application was rejected.',
  'It works much better when the filter is cleaned first.',
  'They extended the lease to 2031.',
  'Everything hung for an hour, people were shouting at the counter.',
  'We will not support Windows 10 after June.',
];

export const noiseAgain: readonly string[] = [
  'Pinged the mirror, 31 ms.',
  'Glanced at the calendar, empty.',
  'Battery at 96 %.',
  'Nothing on the radio.',
  'Swept the floor.',
  'Synced 204 files.',
  'Had soup.',
  'Page loads fine.',
  'No change since Tuesday.',
  'Printed the usual forms.',
];
