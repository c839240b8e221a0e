import type { Ability } from '../matrix/checks.ts';
import { ordinaryRow, type Row } from '../matrix/row.ts';
import type { Peer } from '../peers/peer.ts';
import { installFolder } from '../setup/packages.ts';
import { run } from '../setup/process.ts';
import type { Deflate } from '../subject/subject.ts';
import { againstBrowser } from './agent-page.ts';
import { launchChromium } from './chromium.ts';
import { demoRow } from './demo-page.ts';
import { launchFirefox } from './firefox.ts';
import { browsersFolder, type Browser } from './tab.ts';

interface BrowserKind {
  readonly name: string;
  readonly package: string;
  readonly launch: () => Promise<Browser>;
}

const kinds: readonly BrowserKind[] = [
  { name: 'Chromium', package: 'chromium', launch: launchChromium },
  { name: 'Firefox', package: 'firefox-esr', launch: launchFirefox },
];

const deflates: readonly Deflate[] = ['off', 'on', 'takeover'];
const abilities: ReadonlySet<Ability> = new Set(['empty-close', 'subprotocol']);

/** Real browsers: a page that echoes, and the demo page as a person uses it. */
export const browserPeers: readonly Peer[] = kinds.map(({ name, package: debian, launch }) => ({
  name,
  packages: [debian],
  async prepare({ install }) {
    await installFolder(browsersFolder, install);
    return run({ program: 'dpkg-query', args: ['-W', '-f=${Version}', debian] });
  },
  rows({ subject }): Row[] {
    const echoing = deflates.map((deflate) =>
      ordinaryRow({
        peer: name,
        role: 'server',
        deflate,
        abilities,
        openStage: () => againstBrowser(subject, deflate, launch),
      }),
    );
    return subject.name === 'hawser' ? [...echoing, demoRow(name, launch)] : echoing;
  },
}));
