import { abilitiesWithin, type Limit } from '../matrix/limit.ts';
import { ordinaryRow, type Row } from '../matrix/row.ts';
import type { Peer } from '../peers/peer.ts';
import { installFolder, packageVersion } from '../setup/packages.ts';
import type { Deflate } from '../subject/subject.ts';
import { againstBrowser } from './agent-page.ts';
import { launchChromium } from './chromium.ts';
import { demoRow } from './demo-page.ts';
import { launchFirefox } from './firefox.ts';
import { browsersFolder, type Launch } from './tab.ts';

interface BrowserKind {
  readonly name: string;
  readonly package: string;
  readonly launch: Launch;
}

const kinds: readonly BrowserKind[] = [
  { name: 'Chromium', package: 'chromium', launch: launchChromium },
  { name: 'Firefox', package: 'firefox-esr', launch: launchFirefox },
];

const deflates: readonly Deflate[] = ['off', 'on', 'takeover'];
const limits: readonly Limit[] = [
  { lacks: 'fragments', because: 'scripts cannot send a message in fragments' },
  { lacks: 'ping', because: 'scripts can neither send a Ping nor see one' },
];

function browserPeer({ name, package: debian, launch }: BrowserKind): Peer {
  return {
    name,
    packages: [debian],
    limits,
    async prepare({ install }) {
      await installFolder(browsersFolder, install);
      return packageVersion(debian);
    },
    rows({ subject }): Row[] {
      const echoing = deflates.map((deflate) =>
        ordinaryRow({
          peer: name,
          role: 'server',
          deflate,
          abilities: abilitiesWithin(limits, deflate, 'server'),
          openStage: () => againstBrowser(subject, deflate, launch),
        }),
      );
      return subject.name === 'hawser' ? [...echoing, demoRow(name, [launch])] : echoing;
    },
  };
}

/** One tab of each browser on the demo page. */
const bothBrowsers: Peer = {
  name: kinds.map(({ name }) => name).join(' + '),
  packages: kinds.map((kind) => kind.package),
  limits: [],
  async prepare({ install }) {
    await installFolder(browsersFolder, install);
    return '';
  },
  rows({ subject }) {
    if (subject.name !== 'hawser') return [];
    return [
      demoRow(
        this.name,
        kinds.map((kind) => kind.launch),
      ),
    ];
  },
};

/** Real browsers: a page that echoes, and the demo page as a person uses it. */
export const browserPeers: readonly Peer[] = [...kinds.map(browserPeer), bothBrowsers];
