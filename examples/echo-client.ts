// Sends its arguments to an echo server and prints the answers.
// Run it: node dist/examples/echo-client.js ws://127.0.0.1:8080/echo hello world
import { CloseCode, connect } from 'hawser';

const [url = 'ws://127.0.0.1:8080/echo', ...words] = process.argv.slice(2);
const connection = await connect(url, { connectTimeout: 5_000 });

for (const word of words) {
  connection.send(word);
  console.log(await connection.receive({ timeout: 5_000 }));
}
console.log(`round trip: ${(await connection.ping()).toFixed(2)} ms`);

const info = await connection.close(CloseCode.Normal, 'bye');
console.log(`closed with ${info.code} ${info.reason}, clean: ${info.wasClean}`);
