// Vectors of the built-in encoder, kept in .cache/eval from one evaluation to the next: computing them takes nearly all of the time.
import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { inRoot } from '../../scripts/lib/paths.mjs';
import { dist } from './modules.mjs';

const require = createRequire(import.meta.url);

/**
 * From now on the encoder of this process is asked only for token sequences whose vector is not kept yet. A vector is kept under
 * the hash of its model's file and its token ids, so another model, prefix or cut of a text is another vector.
 *
 * @returns {{ close(): void }}
 */
export function keepVectors() {
	const { DatabaseSync } = require('node:sqlite');
	mkdirSync(inRoot('.cache', 'eval'), { recursive: true });
	const database = new DatabaseSync(inRoot('.cache', 'eval', 'vectors.db'));
	database.exec(
		'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 10000; CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)',
	);
	const get = database.prepare('SELECT vector FROM vectors WHERE key = ?');
	const put = database.prepare('INSERT OR REPLACE INTO vectors VALUES (?, ?)');
	const { sha256 } = require(`${dist}/lib/support/index.js`);
	const { EncoderPool } = require(`${dist}/lib/embedding/encoder/pool.js`);
	const { run } = EncoderPool.prototype;
	EncoderPool.prototype.run = async function (ids, output, signal) {
		if (output !== 'sentence') return await run.call(this, ids, output, signal);
		const key = sha256(this.options.modelHash, ids.join(' '));
		const known = get.get(key)?.vector;
		if (known) return new Float32Array(known.buffer.slice(known.byteOffset, known.byteOffset + known.length));
		const vector = await run.call(this, ids, output, signal);
		put.run(key, new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
		return vector;
	};
	return {
		close: () => {
			EncoderPool.prototype.run = run;
			database.close();
		},
	};
}
