import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  currentVersion,
  parseVersion,
  parseVersions,
  supportedVersions,
} from '../../src/handshake/version.ts';

describe('RFC 6455 §4.4: versions', () => {
  test('C-07: F010: published versions are known, all else is not', () => {
    for (const version of [0, 4, 5, 6, 7, 8, 13]) {
      assert.equal(parseVersion(String(version)), version);
    }
    const unknown = ['-1', '1', '2', '3', '9', '10', '11', '12', 'abcd', '1.6', ''];
    for (const text of [...unknown, '013', '13.0', '+13', ' 13', '0xd', '1.3e1', '-0']) {
      assert.equal(parseVersion(text), undefined, JSON.stringify(text));
    }
  });

  test('C-40: F083: a list gives the known versions, newest first', () => {
    assert.deepEqual(parseVersions('4, 5, 6, 7, 8, 13'), [13, 8, 7, 6, 5, 4]);
    assert.deepEqual(parseVersions('8'), [8]);
    assert.deepEqual(parseVersions('13,13 ,\t0,99'), [13, 0]);
    assert.deepEqual(parseVersions(''), []);
  });

  test('F011: 13 is current and the only one spoken', () => {
    assert.equal(currentVersion(), 13);
    assert.deepEqual(supportedVersions, [13]);
    assert.ok(Object.isFrozen(supportedVersions));
  });
});
