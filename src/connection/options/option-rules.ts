/** Checks one value given by the user; gives it back resolved or throws an error that names it. */
export type Rule<T> = (value: unknown, name: string) => T;

/** A rule for each key an options object may have. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule<T[K]> };

/** Checks given options against rules and fills in defaults: once, frozen, total. */
export function resolveOptions<T extends object>(
  given: object | undefined,
  rules: Rules<T>,
  defaults: T,
  scope = '',
): Readonly<T> {
  const values = optionsObject(given, scope);
  const resolved = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    if (!Object.hasOwn(rules, key)) throw unknownOption(scope, key, Object.keys(rules));
    if (value === undefined) continue;
    const known = key as keyof T;
    resolved[known] = rules[known](value, scope === '' ? key : `${scope}.${key}`);
  }
  return Object.freeze(resolved);
}

/** The error for a key that no option has. */
export function unknownOption(scope: string, key: string, allowed: readonly string[]): TypeError {
  const name = scope === '' ? key : `${scope}.${key}`;
  return new TypeError(`unknown option ${name}; allowed are ${allowed.join(', ')}`);
}

function optionsObject(given: unknown, scope: string): Record<string, unknown> {
  if (given === undefined) return {};
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  throw wrongType(scope === '' ? 'options' : scope, 'an object', given);
}

/** The error for a value of the wrong type. */
export function wrongType(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${expected}, but is ${describeValue(value)}`);
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** An integer in a range; with `orInfinity` also Infinity, which means no limit. */
export function integer(
  minimum: number,
  maximum = Number.MAX_SAFE_INTEGER,
  orInfinity = false,
): Rule<number> {
  const range =
    maximum === Number.MAX_SAFE_INTEGER
      ? `of at least ${minimum}`
      : `from ${minimum} to ${maximum}`;
  const expected = `an integer ${range}${orInfinity ? ' or Infinity' : ''}`;
  return (value, name) => {
    if (typeof value !== 'number') throw wrongType(name, expected, value);
    if (orInfinity && value === Infinity) return value;
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new RangeError(`${name} must be ${expected}, but is ${value}`);
  };
}

/** A time in milliseconds, above 0; Infinity means never. Node's timers end at 2^31 - 1 ms. */
export const duration: Rule<number> = (value, name) => {
  const expected = 'a number of milliseconds above 0 and at most 2147483647, or Infinity';
  if (typeof value !== 'number') throw wrongType(name, expected, value);
  if (value === Infinity || (value > 0 && value <= 0x7fff_ffff)) return value;
  throw new RangeError(`${name} must be ${expected}, but is ${value}`);
};

/** True or false. */
export const flag: Rule<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  throw wrongType(name, 'true or false', value);
};

/** A string. */
export const text: Rule<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw wrongType(name, 'a string', value);
};

/** A function of the caller's; what it takes and gives is not checked. */
export function callable<T>(): Rule<T> {
  return (value, name) => {
    if (typeof value === 'function') return value as T;
    throw wrongType(name, 'a function', value);
  };
}

/** One of a few values. */
export function oneOf<const T extends readonly unknown[]>(...allowed: T): Rule<T[number]> {
  return (value, name) => {
    if (allowed.includes(value)) return value;
    throw new RangeError(
      `${name} must be one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}, ` +
        `but is ${describeValue(value)}`,
    );
  };
}

/** An options object with rules of its own. */
export function nested<T extends object>(rules: Rules<T>, defaults: T): Rule<Readonly<T>> {
  return (value, name) => resolveOptions(value as object, rules, defaults, name);
}

/** False, or what the rule says; `true` stands for the rule's defaults when `whenTrue` is given. */
export function orFalse<T>(rule: Rule<T>, whenTrue?: T): Rule<T | false> {
  return (value, name) => {
    if (value === false) return false;
    if (value === true && whenTrue !== undefined) return whenTrue;
    return rule(value, name);
  };
}

/** An object of the caller's that is passed on as it is: handlers and `tls`. */
export function opaque<T extends object>(expected: string): Rule<T> {
  return (value, name) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
    throw wrongType(name, expected, value);
  };
}

/** A value that is passed on as it is. */
export function unchecked<T>(): Rule<T> {
  return (value) => value as T;
}
