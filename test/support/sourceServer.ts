// One set of files as four kinds of service list and send them: in the forms that S3, Nextcloud (WebDAV), Microsoft Graph and a website
// with sitemaps answer in, with lists in small pages.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenLocally } from './listen';

export interface SourceServer {
	readonly url: string;
	/** Path → text. What changes here has another date and ETag. */
	readonly files: Map<string, string>;
	/** Listed, and gone when it is fetched. */
	missing: string | undefined;
	/** Paths that were downloaded since they were last taken. */
	taken(): string[];
	/** What the lists do: `broken` fails behind the first page, `empty` lists nothing. */
	lists: 'well' | 'broken' | 'empty';
	close(): Promise<void>;
}

const PAGE = 5;
const etagOf = (text: string): string => createHash('md5').update(text).digest('hex');
/** A date that is another one for another text. */
const dateOf = (text: string): Date =>
	new Date(1_700_000_000_000 + (parseInt(etagOf(text).slice(0, 8), 16) % 1e9) * 1000);
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

interface Call {
	readonly path: string;
	readonly query: URLSearchParams;
	readonly method: string | undefined;
}
interface Answer {
	readonly status?: number;
	readonly type?: string;
	readonly body: string;
}

export async function startSourceServer(): Promise<SourceServer> {
	let taken: string[] = [];
	const state = {
		files: new Map<string, string>(),
		lists: 'well' as SourceServer['lists'],
		missing: undefined as string | undefined,
	};
	const listed = (): string[] => (state.lists === 'empty' ? [] : [...state.files.keys()].sort());
	const broken: Answer = { status: 503, body: 'Service Unavailable' };
	const send = (name: string): Answer => {
		const text = state.files.get(name);
		if (text === undefined || name === state.missing) return { status: 404, body: 'Not Found' };
		taken.push(name);
		return { type: name.endsWith('.html') ? 'text/html' : 'text/plain', body: text };
	};
	const kinds: Record<string, (call: Call, base: string) => Answer> = {
		s3: ({ path, query }) => {
			if (query.has('location'))
				return xml('<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>');
			if (!query.has('list-type')) return send(path.replace(/^bucket\//, ''));
			const from = Number(query.get('continuation-token') ?? 0);
			if (from > 0 && state.lists === 'broken') return broken;
			const all = listed();
			const contents = all.slice(from, from + PAGE).map((name) => {
				const text = state.files.get(name) ?? '';
				return `<Contents><Key>${escaped(name)}</Key><LastModified>${dateOf(text).toISOString()}</LastModified><ETag>"${etagOf(text)}"</ETag><Size>${text.length}</Size></Contents>`;
			});
			const more = all.length > from + PAGE;
			return xml(
				`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>${contents.join('')}<IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : ''}</ListBucketResult>`,
			);
		},
		dav: ({ path, method }) => {
			const name = path.replace(/^remote\.php\/webdav\/+/, '').replace(/\/$/, '');
			if (method !== 'PROPFIND') return send(name.replace(/^Documents\//, ''));
			const folder = name.replace(/^Documents\/?/, '');
			if (folder !== '' && state.lists === 'broken') return broken;
			const inside = listed().filter((each) => folder === '' || each.startsWith(`${folder}/`));
			const children = new Map<string, string | undefined>();
			for (const each of inside) {
				const rest = folder === '' ? each : each.slice(folder.length + 1);
				const [child = '', deeper] = rest.split('/');
				children.set(child, deeper === undefined ? state.files.get(each) : undefined);
			}
			return { status: 207, ...xml(davList(name, children)) };
		},
		graph: ({ path, query }, base) => {
			const [, id] = /^drive\/items\/(.+)\/content$/.exec(path) ?? [];
			if (id !== undefined) return send(Buffer.from(id, 'hex').toString());
			const from = Number(query.get('token') ?? 0);
			if (from > 0 && state.lists === 'broken') return broken;
			const entries = graphEntries(listed(), state.files);
			const more = entries.length > from + PAGE;
			const link = `${base}/drive/root/delta?token=${more ? from + PAGE : 'later'}`;
			return {
				type: 'application/json',
				body: JSON.stringify({
					value: entries.slice(from, from + PAGE),
					[more ? '@odata.nextLink' : '@odata.deltaLink']: link,
				}),
			};
		},
		site: ({ path }, base) => {
			const map = /^sitemap-(\d+)\.xml$/.exec(path)?.[1];
			const all = listed();
			const url = (name: string) => escaped(`${base}/page/${encoded(name)}`);
			if (path === 'sitemap.xml') {
				const maps = Array.from({ length: Math.ceil(all.length / PAGE) }, (_, at) => at);
				return xml(
					`<?xml version="1.0"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${maps.map((at) => `<sitemap><loc>${base}/sitemap-${at}.xml</loc></sitemap>`).join('')}</sitemapindex>`,
				);
			}
			if (map === undefined) return send(path.replace(/^page\//, ''));
			if (map !== '0' && state.lists === 'broken')
				return { type: 'text/html', body: '<html>Please sign in</html>' };
			const from = Number(map) * PAGE;
			const urls = all
				.slice(from, from + PAGE)
				.map(
					(name) =>
						`<url>\n<loc>${url(name)}</loc>\n<lastmod>${dateOf(state.files.get(name) ?? '').toISOString()}</lastmod></url>`,
				);
			return xml(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.join('')}</urlset>`);
		},
	};
	const server = createServer((request: IncomingMessage, response: ServerResponse) => {
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
		const [, kind = '', ...rest] = decodeURIComponent(pathname).split('/');
		const call = { path: rest.join('/'), query: searchParams, method: request.method };
		const answer = kinds[kind]?.(call, `http://${request.headers.host}/${kind}`) ?? { status: 404, body: '' };
		response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'text/plain' });
		response.end(answer.body);
	});
	const { url, close } = await listenLocally(server);
	return Object.assign(state, {
		url,
		close,
		taken: () => {
			const before = taken;
			taken = [];
			return before;
		},
	});
}

const xml = (body: string): Answer => ({ type: 'application/xml', body });

/** A folder with what is directly in it: its own entry comes first, addresses are encoded, folders end with a slash. */
function davList(folder: string, children: ReadonlyMap<string, string | undefined>): string {
	const entry = (path: string, text: string | undefined) => {
		const props =
			text === undefined
				? '<d:resourcetype><d:collection/></d:resourcetype><d:getetag>&quot;folder&quot;</d:getetag>'
				: `<d:getcontentlength>${text.length}</d:getcontentlength><d:resourcetype/><d:getetag>&quot;${etagOf(text)}&quot;</d:getetag><d:getcontenttype>text/plain</d:getcontenttype>`;
		return `<d:response><d:href>/remote.php/webdav/${encoded(path)}${text === undefined ? '/' : ''}</d:href><d:propstat><d:prop><d:getlastmodified>${dateOf(text ?? '').toUTCString()}</d:getlastmodified>${props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
	};
	const all = [
		entry(folder, undefined),
		...[...children].map(([name, text]) => entry(`${folder}/${name}`, text)),
	];
	return `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">${all.join('')}</d:multistatus>`;
}

/** All files and folders of a drive, parents first, as `delta` lists them: with the IDs of parents and without paths. */
function graphEntries(names: readonly string[], files: ReadonlyMap<string, string>): object[] {
	const idOf = (path: string): string => Buffer.from(path).toString('hex');
	const root = { id: 'root-id', name: 'root', folder: {}, parentReference: {} };
	const entries = new Map<string, object>();
	for (const name of names) {
		const parts = name.split('/');
		for (let depth = 1; depth <= parts.length; depth++) {
			const path = parts.slice(0, depth).join('/');
			const parent = depth === 1 ? root.id : idOf(parts.slice(0, depth - 1).join('/'));
			const text = depth === parts.length ? files.get(name) : undefined;
			entries.set(path, {
				...{ id: idOf(path), name: parts[depth - 1], parentReference: { id: parent } },
				...(text === undefined
					? { folder: {} }
					: { file: {}, lastModifiedDateTime: dateOf(text).toISOString(), cTag: etagOf(text) }),
			});
		}
	}
	return [root, ...entries.values()];
}
