import { builtInGettersSuite } from '../suites/built-in-getters.ts';

builtInGettersSuite('node:tls', 'DEFAULT_MIN_VERSION');
