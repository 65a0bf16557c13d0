// The stand-in of a Qdrant server that the tests use, in a process of its own; it tells its address to who started it.
const { QdrantStandIn } = require('../../test/support/qdrant/server.ts');

void new QdrantStandIn().start().then((url) => process.send(url));
process.on('message', () => process.exit());
