const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** Elements that hold no text of the page. */
export const SKIPPED = set('script style template svg iframe object head select datalist canvas audio video');
export const HEADINGS = new Map([1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, level]));
export const BLOCKS = set(
	'address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form header hgroup hr legend li main menu nav ol optgroup option p pre search section summary table tbody tfoot thead tr ul',
);
/** Blocks that an empty line keeps apart; the others begin on a new line. */
export const APART = set('p pre table ul ol dl blockquote figure section article hr');
/** Roles of what leads through a site and is no part of the page. */
const LEADING_ROLES = set('navigation search menu menubar toolbar alertdialog');
const COOKIE_NOTICE = /(?:^|[^a-z])(?:cookies?|gdpr|consent)(?:[^a-z]|$)/;

export interface Attributes {
	readonly [name: string]: string;
}

/**
 * What an element is for, as far as it is not the text of the page: `never` shown, `menu` (left out unless the page has
 * nothing else), `notice` (a short banner about cookies), `fallback` (for browsers without scripting), `footer` of the page.
 */
export function asideOf(
	name: string,
	attributes: Attributes,
	depth: number,
): 'never' | 'menu' | 'notice' | 'fallback' | 'footer' | undefined {
	if (SKIPPED.has(name) || attributes.hidden !== undefined) return 'never';
	const { style = '', role = '', id = '', class: classes = '' } = attributes;
	if (style !== '' && /display\s*:\s*none/i.test(style.slice(0, 1000))) return 'never';
	if (name === 'noscript') return 'fallback';
	if (name === 'nav' || LEADING_ROLES.has(role)) return 'menu';
	if (classes.includes('katex-html')) return 'never';
	if (
		BLOCKS.has(name) &&
		name !== 'body' &&
		COOKIE_NOTICE.test(`${id} ${classes}`.slice(0, 500).toLowerCase())
	)
		return 'notice';
	if (name === 'footer' && depth <= 3) return 'footer';
	return undefined;
}
