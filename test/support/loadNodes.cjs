// Loads every node and credential of n8n's own packages, and prints as JSON how many there are and which cannot be loaded.
const path = require('node:path');

const modules = path.join(__dirname, '..', '..', 'host', 'node_modules');
const failed = [];
let loaded = 0;
for (const name of ['n8n-nodes-base', '@n8n/n8n-nodes-langchain']) {
	const { n8n } = require(path.join(modules, name, 'package.json'));
	for (const file of [...n8n.nodes, ...n8n.credentials]) {
		try {
			const Type = require(path.join(modules, name, file))[path.basename(file).split('.')[0]];
			new Type();
			loaded++;
		} catch (error) {
			failed.push(`${name}/${file}: ${error.message.split('\n')[0]}`);
		}
	}
}
// Some of them hold timers that would keep this process alive.
process.stdout.write(JSON.stringify({ loaded, failed }), () => process.exit(0));
