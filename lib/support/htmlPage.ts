import { escapeMarkup } from './escape';

const STYLE =
	'body{font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:960px;margin:24px auto;padding:0 16px}' +
	'table{border-collapse:collapse;margin:12px 0}caption{text-align:left;font-weight:600}' +
	'th,td{border-bottom:1px solid #ddd;padding:4px 12px;text-align:left}svg{max-width:100%;height:auto}';

/**
 * A page that a node puts out as a file. It needs nothing else and runs no script, so that it opens in a browser, an e-mail and
 * n8n's preview alike.
 *
 * @param title escaped here
 * @param body HTML; whatever is not ours in it was escaped with {@link escapeMarkup}
 * @param style CSS behind that of every page
 */
export function htmlPage(title: string, body: string, style = ''): string {
	return [
		'<!doctype html>',
		`<html lang="en"><head><meta charset="utf-8"><title>${escapeMarkup(title)}</title><style>${STYLE}${style}</style></head>`,
		`<body>${body}</body></html>`,
		'',
	].join('\n');
}
