// The code with which n8n's own nodes get at the text of a file, as it runs in n8n: in the process of the event loop.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../scripts/lib/paths.mjs';

const hostFile = (path) => inRoot('host', 'node_modules', ...path.split('/'));
const require = createRequire(pathToFileURL(hostFile('n8n-nodes-base/package.json')));

const MIME = {
	PDF: 'application/pdf',
	DOCX: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
	XLSX: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** For each kind: the node that reads it, and `read(bytes)`. Mails (message/rfc822) are refused by both. */
export function n8nReaders() {
	const { extractDataFromPDF } = require(hostFile('n8n-nodes-base/dist/utils/binary.js'));
	const sheet = require(hostFile('n8n-nodes-base/dist/nodes/SpreadsheetFile/v2/fromFile.operation.js'));
	const { N8nBinaryLoader } = require(hostFile('@n8n/ai-utilities/dist/cjs/utils/n8n-binary-loader.js'));
	const extract = 'n8n, Extract from File';
	return {
		PDF: {
			node: extract,
			read: async (bytes) => await extractDataFromPDF.call(contextOf('PDF', bytes), 'data'),
		},
		DOCX: {
			node: 'n8n, Default Data Loader',
			read: async (bytes) =>
				await new N8nBinaryLoader(contextOf('DOCX', bytes), '', 'data').processItem({ json: {} }, 0),
		},
		XLSX: {
			node: extract,
			read: async (bytes) => await sheet.execute.call(contextOf('XLSX', bytes), [{ json: {} }], 'operation'),
		},
	};
}

/** What these nodes ask n8n for. Files lie in the item, as without a setting. */
function contextOf(kind, bytes) {
	const parameters = { binaryPropertyName: 'data', binaryMode: 'specificField', operation: 'xlsx' };
	const fileExtension = kind.toLowerCase();
	const file = { data: bytes.toString('base64'), mimeType: MIME[kind], fileExtension };
	return {
		getNode: () => ({ name: kind }),
		getNodeParameter: (name, _item, usual) => parameters[name] ?? usual,
		continueOnFail: () => false,
		helpers: { assertBinaryData: () => file },
	};
}
