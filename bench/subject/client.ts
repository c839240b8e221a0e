import { connect } from 'hawser';

import { Receiving } from './control.ts';
import { version } from './version.ts';

// A measured client, every safety at its default.
const receiving = new Receiving(version(), async (url) => {
  const connection = await connect(url, {
    handler: {
      message(connection, message) {
        if (receiving.echoes) connection.send(message);
        else receiving.count();
      },
    },
  });
  return () => connection.terminate();
});
