// The plain way to run the multilingual model: a process that embeds one text after the other with a given script.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);
const [, , script] = process.argv;
const { open } = require(script);
const model = await open(dirname(script), { ort: require('onnxruntime-web') });
process.on('message', async ({ texts }) => {
	const vectors = [];
	for (const text of texts) vectors.push(Array.from(await model.embed(text, 'passage')));
	process.send({ vectors });
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
