/** Characters of what a server said that go into a message. */
const LONGEST = 300;

/** The first line of what a server said, cut to what a message can hold. */
export function quoteServer(text: string): string {
  return (text.split(/\r?\n/)[0] ?? '').slice(0, LONGEST);
}
