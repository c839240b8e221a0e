const introduction = `# Performance

What is compared is the CPU time of the measured process, user and system time of all its threads,
for each message: the machine's clock on the wall tells more of its other guests than of the code.
It is quoted as a ratio to \`ws\` with \`bufferutil\`, measured in the same run and in turn with it:
2 means twice as many messages for the same CPU time. The measured process runs on one core and the
load generator on another; the generator sends prebuilt masked frames over raw TCP and only counts
the bytes that come back. Before anything is timed, every peer must send back what it was sent, byte
by byte. \`net\` is no WebSocket server: it sends the bytes back as they came and is the ceiling of
what node:net allows.

\`npm run bench\` repeats it (\`-- --help\` tells the options), \`npm run bench -- --report\` writes the
figures of \`bench/results\` into this page, and \`npm run bench:guard\` compares a short run with them.
`;

const begin = (name: string): string => `<!-- bench/results/${name} -->`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/**
 * Puts sections, by the names of their results, in the place of the older ones of a page; what is
 * written around them stays. A section that is new comes last.
 */
export function withSections(page: string, sections: ReadonlyMap<string, string>): string {
  let text = page === '' ? introduction : page;
  for (const [name, section] of sections) {
    const block = `${begin(name)}\n\n${section}\n\n${end(name)}`;
    const from = text.indexOf(begin(name));
    const to = text.indexOf(end(name));
    text =
      from === -1 || to < from
        ? `${text.trimEnd()}\n\n${block}\n`
        : `${text.slice(0, from)}${block}${text.slice(to + end(name).length)}`;
  }
  return text;
}
