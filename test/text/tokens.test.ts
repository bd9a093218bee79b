import { expect, test } from 'vitest';
import { countTokens } from '../../text/tokens.ts';

/** What the larger of the vocabularies cl100k and o200k makes of a text, as gpt-tokenizer 4.0.0 counted it. */
const COUNTED: readonly (readonly [name: string, tokens: number, text: string])[] = [
  ['English', 18, 'The restore took longer than planned, so the team moved the cutover to Thursday.'],
  [
    'names',
    31,
    'Ines Carvalho, Mika Laine and Odette Fournier of St Brannoc Housing Trust, Port Ellery, Saltmarsh Lane',
  ],
  [
    'a line of a context',
    32,
    "39f0b2aa We came within a desk drawer of losing other people's money on 2026-03-18 at 16:05.",
  ],
  [
    'German',
    27,
    'Die Umstellung wurde auf Donnerstag verschoben, weil die Wiederherstellung länger dauerte als erwartet.',
  ],
  ['Dutch', 28, 'Het team besloot de overschakeling uit te stellen tot donderdag omdat het terugzetten langer duurde.'],
  [
    'French',
    28,
    "L'équipe a décidé de reporter la mise en production à jeudi, car la restauration a duré plus longtemps.",
  ],
  ['Spanish', 24, 'El equipo decidió aplazar el cambio al jueves porque la restauración tardó más de lo previsto.'],
  ['Polish', 35, 'Zespół postanowił przełożyć wdrożenie na czwartek, ponieważ przywracanie trwało dłużej.'],
  ['Finnish', 36, 'Tiimi päätti siirtää vaihdon torstaille, koska varmuuskopion palautus kesti odotettua kauemmin.'],
  [
    'Hungarian',
    43,
    'A csapat úgy döntött, hogy csütörtökre halasztja az átállást, mert a visszaállítás tovább tartott.',
  ],
  ['Turkish', 35, 'Yedeklemenin geri yüklenmesi beklenenden uzun sürdüğü için geçiş perşembeye ertelendi.'],
  ['Vietnamese', 50, 'Nhóm quyết định dời việc chuyển đổi sang thứ Năm vì khôi phục bản sao lưu mất nhiều thời gian.'],
  [
    'Indonesian',
    27,
    'Tim memutuskan menunda peralihan ke hari Kamis karena pemulihan cadangan memakan waktu lebih lama.',
  ],
  ['Russian', 37, 'Команда решила перенести переключение на четверг, потому что восстановление заняло больше времени.'],
  ['Greek', 86, 'Η ομάδα αποφάσισε να μεταφέρει τη μετάβαση την Πέμπτη, επειδή η επαναφορά διήρκεσε περισσότερο.'],
  ['Armenian', 135, 'Թիմը որոշեց անցումը հետաձգել հինգշաբթի, քանի որ վերականգնումը երկար տևեց.'],
  ['Hebrew', 66, 'הצוות החליט לדחות את המעבר ליום חמישי כי השחזור ארך יותר זמן מהצפוי.'],
  ['Arabic', 59, 'قرر الفريق تأجيل التحويل إلى يوم الخميس لأن استعادة النسخة الاحتياطية استغرقت وقتا أطول.'],
  ['Hindi', 90, 'टीम ने बदलाव को गुरुवार तक टालने का फैसला किया क्योंकि बैकअप की बहाली में अधिक समय लगा।'],
  ['Tamil', 129, 'காப்புப்பிரதியை மீட்டெடுக்க அதிக நேரம் எடுத்ததால் மாற்றம் வியாழக்கிழமைக்கு ஒத்திவைக்கப்பட்டது.'],
  ['Thai', 76, 'ทีมตัดสินใจเลื่อนการเปลี่ยนระบบไปเป็นวันพฤหัสบดี เพราะการกู้คืนข้อมูลใช้เวลานานกว่าที่คาด'],
  ['Georgian', 163, 'გუნდმა გადაწყვიტა გადართვა ხუთშაბათისთვის გადაეტანა, რადგან აღდგენას მეტი დრო დასჭირდა.'],
  ['Amharic', 113, 'ቡድኑ መልሶ ማቋቋሙ ከተጠበቀው በላይ ስለወሰደ ለውጡን ወደ ሐሙስ አዛወረ።'],
  ['Chinese', 35, '由于恢复备份所需的时间比预期更长，团队决定将切换推迟到星期四。'],
  [
    'Japanese',
    51,
    'バックアップの復元に予想より時間がかかったため、チームは切り替えを木曜日に延期することにしました。',
  ],
  ['Korean', 40, '백업 복원이 예상보다 오래 걸려서 팀은 전환을 목요일로 연기하기로 결정했다.'],
  ['emoji', 32, '🎉🚀 shipped! 👩‍🚀👍🏽 ✅ done 🇩🇪 ❤️'],
  [
    'code',
    30,
    'export async function* read(file: string): AsyncGenerator<unknown> { for await (const x of pipe(a, b)) yield x; }',
  ],
  [
    'JSON',
    52,
    '{"id":"39f0b2aa-f466-5dbe-bac4-89311f86f572","created_at":"2026-03-18T16:05:00.000Z","tags":["a","b"]}',
  ],
  ['a path', 22, '/var/lib/postgresql/18/main/pg_wal/000000010000000A000000FE'],
  ['shouting', 28, 'CRITICAL: DATABASE_URL MUST NOT BE EMPTY; PGPASSWORD=xK9$mQ2vLp8!zR4w'],
  ['base64', 55, 'SGVsbG8gV29ybGQhIFRoaXMgaXMgYSB0ZXN0IG9mIGJhc2U2NCBlbmNvZGluZyBhbmQgdG9rZW5z'],
  ['gibberish', 30, 'qzxvkjwptrbnmqqxzvkjhgfdsxcvbnmtrewq zxkqjvwpbtrnm'],
  ['signs', 22, '«quoted» — dash… € £ § ¶ • → ≤ ≠ ∑ √ ½ ° ×'],
];

test.each(COUNTED)('%s takes no more tokens than are counted', (_, tokens, text) => {
  expect(countTokens(text)).toBeGreaterThanOrEqual(tokens);
});

test('English is not counted twice and more', () => {
  const [, tokens, text] = COUNTED[0] ?? expect.unreachable();
  expect(countTokens(text)).toBeLessThan(2 * tokens);
});

test('lines count for themselves: their sum is what they take together', () => {
  const lines = COUNTED.map(([, , text]) => text);
  const sum = lines.reduce((total, line) => total + countTokens(line) + 1, -1);
  expect(countTokens(lines.join('\n'))).toBeLessThanOrEqual(sum);
});

test('nothing takes nothing, and blanks and line ends take some', () => {
  expect(['', 'a', 'a b', 'a\n\nb', `a${' '.repeat(40)}b`, 'a\r\nb'].map(countTokens)).toEqual([0, 1, 2, 4, 12, 3]);
});
