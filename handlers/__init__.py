"""How the world reaches the bot: acknowledge, read, call, answer."""
