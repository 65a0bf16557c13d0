// One 50 MB line through one method, in a process of its own so that its peak memory is its own.
// usage: node chunking.torture.mjs METHOD LINE MEGABYTES → prints {"ms" of CPU time,"rssMb","chunks"}
import { moduleOf } from './lib/modules.mjs';

const UNITS = {
	a: 'a',
	word: 'word ',
	cjk: '漢字仮名交じり文の長い一行',
	base64: 'QmFzZTY0IGlzIGhlcmU+/9aZk3',
	brackets: '[[[[',
};
const [method, line, megabytes] = process.argv.slice(2);
const unit = UNITS[line];
const text = unit.repeat(Math.floor((Number(megabytes) * 1e6) / unit.length));
const { chunk, chunkSync } = moduleOf('chunking');
const cpuMs = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};
const started = cpuMs();
let chunks = 0;
let last = 0;
const options = { method, size: 1000, overlap: 100 };
if (method === 'semantic') {
	const { staticTokenVectors } = moduleOf('embedding');
	for await (const { end } of chunk(text, options, { tokenRows: staticTokenVectors }))
		[chunks, last] = [chunks + 1, end];
} else for (const { end } of chunkSync(text, options)) [chunks, last] = [chunks + 1, end];
if (last !== text.length) throw new Error(`${method} stopped at ${last} of ${text.length}`);
console.log(JSON.stringify({ ms: cpuMs() - started, rssMb: process.resourceUsage().maxRSS / 1024, chunks }));
