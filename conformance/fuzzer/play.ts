import type { FrameCase, Judgement, Result, Role } from '../case.ts';
import { isComplete, judge } from '../report/verdict.ts';
import type { Transcript, Verdict } from '../report/verdict.ts';
import type { Link } from './link.ts';
import { timers } from './timers.ts';

const neverOpened: Transcript = {
  opened: false,
  received: [],
  violations: [],
  closedBy: undefined,
  peerClose: undefined,
  clean: false,
  dropped: false,
  timedOut: true,
  asClient: false,
  deflate: false,
};

function transcriptOf(link: Link, asClient: boolean): Transcript {
  const { received, violations, closedBy, peerClose, clean, dropped, timedOut } = link;
  const deflate = link.agreement !== undefined;
  return {
    opened: true,
    received,
    violations,
    closedBy,
    peerClose,
    clean,
    dropped,
    timedOut,
    asClient,
    deflate,
  };
}

async function script(test: FrameCase, link: Link): Promise<Judgement | undefined> {
  if (test.deflate !== undefined && link.agreement === undefined) {
    link.close(1000);
    return undefined;
  }
  if (typeof test.play === 'function') return (await test.play(link)) ?? undefined;
  await link.run(test.play, test.chop);
  return undefined;
}

/** Ends a connection that is still open when its time is over. */
function startTimer(test: FrameCase, link: Link): void {
  const end = (): void => {
    if (link.closedBy !== undefined || link.gone) return;
    if (test.closeAfter === undefined) link.fail();
    else link.close(1000);
  };
  const ms = test.closeAfter ?? test.killAfter ?? 1000;
  const timer = setTimeout(end, ms * timers.patience);
  void link.ended.then(() => clearTimeout(timer));
}

/** Plays a case on an open connection and judges what came of it. */
export async function playFrames(
  test: FrameCase,
  link: Link | undefined,
  role: Role,
): Promise<Verdict & { timedOut: boolean }> {
  if (link === undefined) return { ...judge(test, neverOpened), timedOut: true };
  link.onEvent = () => {
    if (typeof test.play !== 'function' && isComplete(test, link.received)) link.close(1000);
  };
  const isScript = typeof test.play === 'function';
  if (isScript) startTimer(test, link);
  const reached = await script(test, link);
  if (isScript && test.ending.by === 'fuzzer') link.close(1000);
  if (!isScript) startTimer(test, link);
  await link.ended;
  const verdict = judge(test, transcriptOf(link, role === 'server'), reached);
  return { ...verdict, timedOut: link.timedOut };
}

/** Runs one case with a clock around it; what throws in the fuzzer is a failed case. */
export async function timed(
  test: Pick<Result, 'id' | 'title'>,
  role: Role,
  run: () => Promise<Verdict & { timedOut: boolean }>,
): Promise<Result> {
  const start = performance.now();
  const { id, title } = test;
  let verdict: Verdict & { timedOut: boolean };
  try {
    verdict = await run();
  } catch (error) {
    const got = `the fuzzer failed: ${String(error)}`;
    const behavior = 'FAILED';
    verdict = { behavior, behaviorClose: 'FAILED', expected: title, got, timedOut: false };
  }
  return { id, title, role, ...verdict, duration: Math.round(performance.now() - start) };
}
