/** Asked and answered over the channel between a process of ours and its parent, beside the messages of the two. */
export const PING = 'ping';
export const PONG = 'pong';
