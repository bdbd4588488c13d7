"""The parts of the chat-archive adapter: what a message is, who it addresses, and the formats it comes in."""
