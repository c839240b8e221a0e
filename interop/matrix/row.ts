import assert from 'node:assert/strict';

import type { Deflate } from '../subject/subject.ts';
import { checks, type Group, type Trial } from './checks.ts';
import type { Ability } from './limit.ts';
import { patience, within } from './mailbox.ts';

/** The subject's side: which of its roles meets the peer. */
export type SubjectRole = 'client' | 'server' | 'both';

/** A check of one row, by name; the open row knows how to run it. */
export interface RowCheck {
  readonly group: Group;
  readonly name: string;
}

/** A row whose peers and servers are running. */
export interface OpenRow {
  run(check: string): Promise<void>;
  /** What the peer wrote last. */
  log(): string;
  close(): Promise<void>;
}

/** One line of the table: a peer, the subject's role, and how messages are compressed. */
export interface Row {
  readonly peer: string;
  readonly role: SubjectRole;
  readonly deflate: Deflate | 'declined' | 'page';
  readonly checks: readonly RowCheck[];
  open(): Promise<OpenRow>;
}

/** Where trials come from: a running peer on one side, the subject on the other. */
export interface Stage {
  begin(): Promise<Trial>;
  /** Ends what belongs to one trial only. */
  end(): Promise<void>;
  log(): string;
  close(): Promise<void>;
}

/** What makes up an ordinary row. */
export interface RowPlan {
  readonly peer: string;
  readonly role: SubjectRole;
  readonly deflate: Deflate;
  readonly abilities: ReadonlySet<Ability>;
  readonly openStage: () => Promise<Stage>;
}

/** A row that runs every check its peer has the abilities for, each on a connection of its own. */
export function ordinaryRow({ peer, role, deflate, abilities, openStage }: RowPlan): Row {
  return {
    peer,
    role,
    deflate,
    checks: checks.filter(({ needs }) => needs === undefined || abilities.has(needs)),
    async open() {
      const stage = await openStage();
      return {
        run: (name) => runCheck(stage, name, deflate),
        log: () => stage.log(),
        close: () => stage.close(),
      };
    },
  };
}

async function runCheck(stage: Stage, name: string, deflate: Deflate): Promise<void> {
  const check = checks.find((candidate) => candidate.name === name);
  if (check === undefined) throw new Error(`there is no check '${name}'`);
  try {
    const trial = await stage.begin();
    assert.equal(trial.connection.deflate, deflate !== 'off', 'whether deflate was negotiated');
    await check.run(trial);
    if (check.group !== 'close') await endCleanly(trial);
  } finally {
    await stage.end();
  }
}

async function endCleanly({ connection, peerEnding }: Trial): Promise<void> {
  const ending = await within(patience, 'end', connection.close(1000, 'done'));
  assert.equal(ending.code, 1000, `closed with ${ending.code} '${ending.reason}' afterwards`);
  assert.equal(ending.wasClean, true, 'the end afterwards was not clean');
  const seen = await peerEnding();
  if (seen !== undefined) assert.equal(seen.code, 1000, 'the code the peer saw afterwards');
}
