import { backPressureSuite } from './back-pressure.ts';
import { closingSuite } from './closing.ts';
import { echoSuite } from './echo.ts';
import { overTcp } from './pairs.ts';

for (const suite of [echoSuite, closingSuite, backPressureSuite]) suite('TCP', overTcp);
