"""What npsbot.toml may hold: a module a topic, each with its `read`, checked before anything starts."""
