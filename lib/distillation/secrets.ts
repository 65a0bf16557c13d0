import { isObject } from './json';

/** What a secret is replaced by. */
export const SECRET = '[secret]';

/**
 * Shapes of credentials, taken from their issuers' documentation. They are looked for in every string that enters a
 * record: a prompt with a pasted key would otherwise train a student to recite it.
 */
const SHAPES: ReadonlyArray<readonly [hint: RegExp | string, shape: RegExp, replacement: string]> = [
	['-----BEGIN', /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, SECRET],
	[
		/authorization|cookie/i,
		/((?:proxy-)?authorization|(?:set-)?cookie)(\\?["']?\s*[:=]\s*\\?["']?)(?:(?:Basic|Bearer|Digest|Token)\s+)?[^\s"',;\\]{4,}/gi,
		`$1$2${SECRET}`,
	],
	// A digit is asked for, so that `apiKey: string` in a prompt about code stays as it is.
	[
		/api[-_]?key|auth[-_]?token/i,
		/((?:x-)?api[-_]?key|x-auth-token)(\\?["']?\s*[:=]\s*\\?["']?)(?=[^\s"',;\\]*\d)[^\s"',;\\]{8,}/gi,
		`$1$2${SECRET}`,
	],
	['earer ', /\b(Bearer )[A-Za-z0-9._~+/=-]{8,}/gi, `$1${SECRET}`],
	['Basic ', /\b(Basic )[A-Za-z0-9+/]{12,}={0,2}/g, `$1${SECRET}`],
	['sk-', /\bsk-[A-Za-z0-9_-]{16,}/g, SECRET],
	[
		'_',
		/\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{20,}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,})/g,
		SECRET,
	],
	['AKIA', /\bAKIA[0-9A-Z]{16}\b/g, SECRET],
	['AIza', /\bAIza[\w-]{35}/g, SECRET],
	['xox', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g, SECRET],
	['eyJ', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g, SECRET],
	['://', /(:\/\/[^\s:/@]*:)[^\s@/]+@/g, `$1${SECRET}@`],
];

const SECRET_NAME =
	/^(?:proxy-)?authorization$|^(?:set-)?cookie$|api[-_]?key|(?:access|auth|refresh|bearer|id)[-_]?token$|secret|password|passwd|^headers?$|credentials?$/i;

export interface SecretRedactor {
	text(value: string): string;
	/** The value with its strings redacted and properties named like credentials or headers taken out. */
	deep(value: unknown): unknown;
}

/** A redactor that also knows `known` secrets word for word (the key of the engine that was called, say). */
export function createSecretRedactor(known: readonly string[] = []): SecretRedactor {
	const literal = known.filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
	const text = (value: string): string => {
		let result = value;
		for (const secret of literal) {
			if (result.includes(secret)) result = result.replaceAll(secret, SECRET);
		}
		// Most texts hold no hint of a credential; looking for the hint is far cheaper than trying the shape.
		for (const [hint, shape, replacement] of SHAPES) {
			if (typeof hint === 'string' ? result.includes(hint) : hint.test(result)) {
				result = result.replace(shape, replacement);
			}
		}
		return result;
	};
	const deep = (value: unknown): unknown => {
		if (typeof value === 'string') return text(value);
		if (Array.isArray(value)) return value.map(deep);
		if (!isObject(value)) return value;
		return Object.fromEntries(
			Object.entries(value)
				.filter(([key]) => !SECRET_NAME.test(key))
				.map(([key, entry]) => [text(key), deep(entry)]),
		);
	};
	return { text, deep };
}
