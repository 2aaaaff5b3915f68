"""The commands of `npsbot` by topic; `bot.cli` puts them together."""
