import { builtInGettersSuite } from '../../suites/built-in-getters.ts';

builtInGettersSuite('node:http', 'maxHeaderSize');
