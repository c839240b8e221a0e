import { fragment, parseCommand } from '../peers/agents/commands.ts';
import type { SubjectConnection } from './subject.ts';

/** Makes the subject itself an agent: it echoes, and obeys the commands of the other end. */
export async function answer(connection: SubjectConnection): Promise<void> {
  for (;;) {
    const message = await Promise.race([
      connection.receive(Infinity).catch(() => undefined),
      connection.closed.then(() => undefined),
    ]);
    if (message === undefined) return;
    if (typeof message === 'string' && message.startsWith('!')) await obey(connection, message);
    else await connection.send(message);
  }
}

async function obey(connection: SubjectConnection, text: string): Promise<void> {
  const command = parseCommand(text);
  if (command.verb === 'ping') {
    connection
      .ping(Buffer.from(command.payload))
      .then(() => connection.send(`pong ${command.payload}`))
      .catch(() => undefined);
  } else if (command.verb === 'fragments') {
    const { type, count, size } = command;
    const pieces = Array.from({ length: count }, (_, index) => fragment(index, size));
    await connection.sendFragments(pieces, type);
  } else {
    void connection.close(command.code ?? 1000, command.reason);
  }
}
