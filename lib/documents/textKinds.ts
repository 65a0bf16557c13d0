import type { FileKind } from './kinds';

/** What a text is by how it begins; undefined where nothing tells. */
export function kindOfText(head: string): FileKind | undefined {
	let start = head.trimStart();
	if (start.startsWith('<!--')) {
		const end = start.indexOf('-->');
		start = end === -1 ? '' : start.slice(end + 3).trimStart();
	}
	return /^<(?:!doctype html|html[\s>])/i.test(start) ? 'html' : undefined;
}
