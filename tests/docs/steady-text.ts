/** The moment at which every picture is taken. */
const THEN = Date.UTC(2026, 10, 28, 9);
const MINUTE = 60_000;
const DAY = 86_400_000;
const ID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';

/**
 * What differs from one run to the next, and what a picture shows in its place; nothing else is
 * changed.
 */
const RULES: readonly (readonly [pattern: RegExp, shown: string])[] = [
  // what is random in a sign-in link, and too long for a picture
  [/(\/authorize\?)\S+/g, '$1…'],
  // ports and ids that are chosen anew each time
  [/localhost:\d+/g, 'localhost:50123'],
  [/http:\/\/127\.0\.0\.1:\d+/g, 'http://proxy.contoso.com:8080'],
  [new RegExp(`correlation id ${ID}`, 'g'), 'correlation id 5c5f4a86-9e2b-4f0e-8a51-0d3c6f1b7e24'],
  [new RegExp(`trace id ${ID}`, 'g'), 'trace id 8f0b2d71-3c6e-4c1a-b7d5-62e9a4f03b00'],
  [/key [\w-]{27}\b/g, 'key nOo3ZDrODXEK1jKWhXslHR_KXEg'],
  // this machine
  [/linux \S+ (?:x64|arm64)/g, 'linux 6.12.48 x64'],
];

/** @returns makes the output of a command the same in every run that begins now */
export function createSteadyText(home: string): (text: string) => string {
  const now = Date.now();
  const today = Math.floor(now / DAY) * DAY;
  return (text) => {
    let steady = text.replaceAll(home, '/home/ada');
    for (const [pattern, shown] of RULES) steady = steady.replace(pattern, shown);
    return steady
      .replace(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/g, (_all, date, time) => {
        const since = Date.parse(`${date}T${time}Z`) - now;
        const moment = new Date(THEN + Math.round(since / MINUTE) * MINUTE);
        return moment.toISOString().slice(0, 19).replace('T', ' ');
      })
      .replace(/\d{4}-\d\d-\d\d(?! \d)/g, (date) => {
        const moment = new Date(THEN + Date.parse(date) - today);
        return moment.toISOString().slice(0, 10);
      });
  };
}
