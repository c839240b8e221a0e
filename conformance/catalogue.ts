import type { Case, Role, Setup } from './case.ts';
import { closingCases } from './cases/closing.ts';
import { dataCases } from './cases/data.ts';
import { fragmentationCases } from './cases/fragmentation.ts';
import { framingCases } from './cases/framing.ts';
import { limitCases } from './cases/limits.ts';
import { reservedCases } from './cases/reserved.ts';
import { utf8Cases } from './cases/utf8.ts';
import { closeGapCases } from './gaps/closing.ts';
import { controlGapCases } from './gaps/control.ts';
import { deflateRsvCases } from './gaps/deflate-rsv.ts';
import { deflateGapCases } from './gaps/deflate.ts';
import { lengthGapCases } from './gaps/lengths.ts';
import { negotiationCases } from './gaps/negotiation.ts';
import { requestCases } from './gaps/request.ts';
import { responseCases } from './gaps/response.ts';

/** What a run is made of. */
export interface Selection {
  readonly role: Role;
  /** Group numbers or case id prefixes; all unless given. */
  readonly groups?: readonly string[];
  /** Messages in each case of groups 12 and 13. */
  readonly messages: number;
  readonly seed: number;
  /** The setups the tested side has. */
  readonly setups: readonly Setup[];
}

/** The names of the groups, by number. */
export const groupNames: Readonly<Record<string, string>> = {
  1: 'framing',
  2: 'pings and pongs',
  3: 'reserved bits',
  4: 'reserved opcodes',
  5: 'fragmentation',
  6: 'UTF-8',
  7: 'closing handshake',
  9: 'limits',
  10: 'auto-fragmentation',
  12: 'deflate, data sets',
  13: 'deflate, parameters',
  20: 'opening requests',
  21: 'opening responses',
  22: 'masking',
  23: 'lengths and limits',
  24: 'control frames',
  25: 'reserved bits with deflate',
  26: 'deflate data',
  27: 'deflate negotiation',
  28: 'ways to close',
  29: 'cuts and noise',
};

/** All cases, for one choice of the number of messages and of the seed. */
export function allCases({ messages, seed }: Pick<Selection, 'messages' | 'seed'>): Case[] {
  return [
    ...framingCases,
    ...reservedCases,
    ...fragmentationCases,
    ...utf8Cases,
    ...closingCases,
    ...limitCases,
    ...dataCases(messages, seed),
    ...requestCases,
    ...responseCases,
    ...lengthGapCases,
    ...controlGapCases,
    ...deflateRsvCases,
    ...deflateGapCases,
    ...negotiationCases(seed),
    ...closeGapCases(seed),
  ];
}

function isChosen(id: string, groups: readonly string[] | undefined): boolean {
  return groups === undefined || groups.some((group) => id === group || id.startsWith(`${group}.`));
}

/** The cases of one run. */
export function select(selection: Selection): Case[] {
  return allCases(selection).filter(({ id, kind, roles, setup = 'echo' }) => {
    const kinds = selection.role === 'server' ? kind !== 'response' : kind !== 'request';
    const role = roles === undefined || roles.includes(selection.role);
    return kinds && role && selection.setups.includes(setup) && isChosen(id, selection.groups);
  });
}
