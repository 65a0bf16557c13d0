import { ChatModel } from '../../../../nodes/ChatModel/ChatModel.node';
import { LocalEngine } from '../../../../nodes/LocalEngine/LocalEngine.node';

// Without a field of that type in front, n8n moves all credentials down to the first field that needs one (Postgres of recording).
it.each([new LocalEngine(), new ChatModel()])(
	'credentials stay at the top of the form',
	({ description }) => {
		expect(description.properties[0]?.type).toBe('credentials');
	},
);
