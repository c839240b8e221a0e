import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Roster } from '../../../src/server/limits/roster.ts';

interface Client {
  readonly name: string;
}

const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }] as const;
const namesOf = (clients: Iterable<Client>) => [...clients].map(({ name }) => name).join('');

function rosterOf(...clients: Client[]): Roster<Client> {
  const roster = new Roster<Client>();
  for (const client of clients) roster.add(client);
  return roster;
}

test('those that are there stand in the order in which they came', () => {
  const roster = rosterOf(a, b, c);
  assert.deepEqual([roster.size, namesOf(roster.all())], [3, 'abc']);
  for (const client of [b, a, c]) roster.delete(client);
  assert.deepEqual([roster.size, roster.all()], [0, []]);
});

test('who comes back stands last', () => {
  const roster = rosterOf(a, b);
  roster.delete(a);
  roster.add(a);
  assert.equal(namesOf(roster.all()), 'ba');
  for (const client of [a, b]) roster.delete(client);
});

test('who is there is not added, who is not there is not deleted', () => {
  const roster = rosterOf(a, b);
  roster.add(a);
  assert.deepEqual([roster.size, namesOf(roster.all())], [2, 'ab']);
  assert.equal(roster.delete(c), false);
  assert.deepEqual([roster.delete(a), roster.delete(a)], [true, false]);
  assert.deepEqual([roster.size, namesOf(roster.all())], [1, 'b']);
  roster.delete(b);
});

test('the first for whom a test says yes is found', () => {
  const roster = rosterOf(a, b, c);
  assert.equal(
    roster.find(({ name }) => name > 'a'),
    b,
  );
  assert.equal(
    roster.find(() => false),
    undefined,
  );
  for (const client of [a, b, c]) roster.delete(client);
});

test('the set is one and changes with those that are there', () => {
  const roster = rosterOf(a, b);
  const set = roster.asSet;
  roster.delete(a);
  roster.add(c);
  assert.equal(roster.asSet, set);
  assert.deepEqual([set.size, namesOf(set)], [2, 'bc']);
  for (const client of [b, c]) roster.delete(client);
  assert.equal(set.size, 0);
});

test('nothing of it is seen at those that are there, frozen ones included', () => {
  const frozen = Object.freeze({ name: 'f' });
  const roster = rosterOf(a, frozen);
  assert.deepEqual([Reflect.ownKeys(a), inspect(a)], [['name'], "{ name: 'a' }"]);
  for (const client of [a, frozen]) assert.equal(roster.delete(client), true);
});
