// A process of its own that appends records until it is killed; each acknowledged id goes to stdout.
// argv: entry point of lib/distillation, store address as JSON, name, records per append (0: one at a time without end)
const { writeSync } = require('node:fs');
const [entryPoint, address, name, batch] = process.argv.slice(2);
const { recordStore, toRecord } = require(entryPoint);

async function main() {
	const store = await recordStore(JSON.parse(address));
	const size = Number(batch);
	for (let next = 0; ; ) {
		const records = [];
		do {
			records.push(
				toRecord({ id: `${name}-${next++}`, prompt: `Question ${next} of ${name}`, answer: 'x'.repeat(300) }),
			);
		} while (records.length < size);
		await store.append(records);
		// Written at once, not through the event loop: what was acknowledged must be known when the kill comes.
		writeSync(1, `${records.map((record) => record.id).join('\n')}\n`);
	}
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
