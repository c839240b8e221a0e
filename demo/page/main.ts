import { ChatPanel } from './chat-panel.ts';
import { EchoPanel } from './echo-panel.ts';
import { byId } from './elements.ts';
import { Inspector } from './inspector.ts';
import { Link } from './link.ts';

const names = [
  'Avocet',
  'Curlew',
  'Dunlin',
  'Gannet',
  'Heron',
  'Otter',
  'Petrel',
  'Puffin',
  'Tern',
];

function initialName(): string {
  try {
    const kept = sessionStorage.getItem('chat-name');
    if (kept !== null) return kept;
  } catch {
    // A browser may forbid storage; then every visit gets a new name.
  }
  return names[Math.floor(Math.random() * names.length)] ?? 'Guest';
}

const room = new URL(location.href).searchParams.get('room') || 'lobby';
const name = byId('chat-name', HTMLInputElement);
const chat = new Link(
  () => `/chat/${encodeURIComponent(room)}?name=${encodeURIComponent(name.value)}`,
  ['chat.hawser.v1'],
);
const echo = new Link(() => '/echo', ['echo.hawser.v1']);

byId('chat-room', HTMLElement).textContent = room;
for (const [dot, link] of [
  ['chat-dot', chat],
  ['echo-dot', echo],
] as const) {
  const element = byId(dot, HTMLElement);
  link.watch(() => {
    element.dataset['state'] = link.state;
    element.title = link.state;
  });
}
new ChatPanel(chat, initialName()).start();
new EchoPanel(echo).start();
new Inspector({ chat, echo }, echo).start();
chat.connect();
echo.connect();
