// Go's fmt.Sprintf, as far as templates use it: flags, width, precision, verbs v s q d t f e g x X o b c U.
import { goPrint, type GoValue, isPrinted, RAW } from './values.ts';

const DIRECTIVE = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?([a-zA-Z%])/g;

/** The formatted text. A wrong or missing argument is reported inside it, as in Go: `%!d(string=x)`, `%!s(MISSING)`. */
export function printf(format: string, args: readonly GoValue[]): string {
  const rest = [...args];
  let missing = false;
  const take = () => {
    missing = rest.length === 0;
    return rest.shift();
  };
  const text = format.replace(
    DIRECTIVE,
    (whole, flags: string, width = '', precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const columns = width === '*' ? Number(take()) : Number(width);
      const digits = precision === '*' ? Number(take()) : digitsOf(precision, whole);
      const value = take();
      if (missing) return `%!${verb}(MISSING)`;
      return pad(formatOne(verb, flags, digits, value), flags, columns, typeof value === 'number');
    },
  );
  const extra = rest.map((value) => `${typeName(value)}=${goPrint(value)}`).join(', ');
  return extra === '' ? text : `${text}%!(EXTRA ${extra})`;
}

/** A precision that is left out after its dot is 0. */
function digitsOf(precision: string | undefined, directive: string): number | undefined {
  if (precision !== undefined) return Number(precision);
  return directive.includes('.') ? 0 : undefined;
}

function formatOne(verb: string, flags: string, digits: number | undefined, value: GoValue): string {
  const sign = flags.includes('+') && typeof value === 'number' && value >= 0 ? '+' : '';
  switch (verb) {
    case 'v':
    case 's':
      return cut(goPrint(value), verb === 's' ? digits : undefined);
    case 'q':
      return typeof value === 'number' ? `'${String.fromCodePoint(value)}'` : JSON.stringify(goPrint(value));
    case 't':
      return typeof value === 'boolean' ? String(value) : bad(verb, value);
    case 'x':
    case 'X':
      return hex(verb, value);
    default:
      return formatNumber(verb, sign, digits, value);
  }
}

function formatNumber(verb: string, sign: string, digits: number | undefined, value: GoValue): string {
  const number = isPrinted(value) ? value[RAW] : typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') return bad(verb, value);
  const whole = Number.isInteger(number);
  if (verb === 'd' && whole) return `${sign}${number}`;
  if (verb === 'f' || verb === 'F') return `${sign}${number.toFixed(Math.min(digits ?? 6, 100))}`;
  if (verb === 'e') return number.toExponential(Math.min(digits ?? 6, 100)).replace(/e([+-])(\d)$/, 'e$10$2');
  if (verb === 'g')
    return (
      sign +
      (digits === undefined ? goPrint(number) : String(Number(number.toPrecision(Math.max(1, digits)))))
    );
  if (verb === 'o' && whole) return number.toString(8);
  if (verb === 'b' && whole) return number.toString(2);
  if (verb === 'c' && whole) return String.fromCodePoint(number);
  if (verb === 'U' && whole) return `U+${number.toString(16).toUpperCase().padStart(4, '0')}`;
  return bad(verb, value);
}

function hex(verb: string, value: GoValue): string {
  const text =
    typeof value === 'number' && Number.isInteger(value)
      ? value.toString(16)
      : typeof value === 'string'
        ? Buffer.from(value).toString('hex')
        : undefined;
  if (text === undefined) return bad(verb, value);
  return verb === 'X' ? text.toUpperCase() : text;
}

function cut(text: string, digits: number | undefined): string {
  return digits === undefined ? text : [...text].slice(0, digits).join('');
}

function pad(text: string, flags: string, columns: number, number: boolean): string {
  const missing = Math.min(columns, 10_000) - [...text].length;
  if (!(missing > 0)) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !number) return ' '.repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

function bad(verb: string, value: GoValue): string {
  return `%!${verb}(${typeName(value)}=${goPrint(value)})`;
}

function typeName(value: GoValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return value === null || value === undefined ? '<nil>' : 'object';
}
